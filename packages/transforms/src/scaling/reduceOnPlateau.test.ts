import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { momentum } from '../internal/testing/parts.js'
import { type ReduceOnPlateauOptions, reduceOnPlateau } from './reduceOnPlateau.js'
import { scale } from './scale.js'

const VALUES = [
  3, 2.5, 2.6, 2.5, 2.499, 2.49, 2.6, 2.6, 2.6, 2.6, 2, 2, 1.9999, 2.1, 2, 2, 2, 1, 1.1, 1.2, 1.3, 1.4, 1.5
]

/** The scale at each value. */
const scales = (options: ReduceOnPlateauOptions, values: readonly number[] = VALUES): readonly number[] => {
  const tx = reduceOnPlateau(options)
  const params = { w: 0 }
  let state = tx.init(params)
  return values.map((value) => {
    const [updates, next] = tx.update({ w: 1 }, state, params, { value })
    state = structuredClone(next)
    expect(state.scale).toBe(updates.w)
    return updates.w
  })
}

const expectScales = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found).toHaveLength(wanted.length)
  // Products of the same few numbers: exact for powers of two, otherwise some ulps.
  found.forEach((s, t) => {
    expect(Math.abs(s - (wanted[t] as number))).toBeLessThanOrEqual(1e-14 * s)
  })
}

/** How often each scale comes. */
const runs = (...pairs: readonly (readonly [scale: number, times: number])[]): readonly number[] =>
  pairs.flatMap(([value, times]) => new Array<number>(times).fill(value))

/** Halves from 1 on, each so often. */
const halves = (...times: readonly number[]): readonly number[] => runs(...times.map((n, i) => [2 ** -i, n] as const))

describe('reduceOnPlateau', () => {
  test.each<[ReduceOnPlateauOptions, readonly number[]]>([
    [{ factor: 0.5, patience: 2 }, halves(3, 4, 2, 3, 2, 2, 3, 2, 2)],
    [{ factor: 0.5, patience: 2, cooldown: 2 }, halves(3, 4, 5, 4, 4, 3)],
    [
      { factor: 0.3, patience: 1, rtol: 0.1, atol: 0.05, minScale: 0.01 },
      runs([1, 2], [0.3, 1], [0.09, 1], [0.027, 1], [0.01, 18])
    ],
    [{ factor: 0.5, patience: 1, accumulationSize: 3 }, halves(8, 15)],
    [{ factor: 0.5, patience: 1, rtol: 0, atol: 0.2, cooldown: 1, accumulationSize: 2 }, halves(3, 4, 6, 8, 2)]
  ])('agrees with Optax: %j', (options, wanted) => {
    expectScales(scales(options), wanted)
  })

  test.each<[ReduceOnPlateauOptions, readonly number[]]>([
    [{ factor: 0.5, patience: 2 }, halves(8, 5, 3, 4, 3)],
    [{ factor: 0.5, patience: 0, cooldown: 2 }, halves(2, 4, 3, 3, 3, 3, 3, 2)],
    [{ factor: 0.5, patience: 1, thresholdMode: 'abs', atol: 0.1 }, halves(3, 2, 2, 2, 3, 2, 2, 3, 2, 2)],
    [{ factor: 0.5, patience: 1, thresholdMode: 'abs', minScale: 0.2 }, runs([1, 3], [0.5, 4], [0.25, 2], [0.2, 14])]
  ])('agrees with PyTorch: %j', (options, wanted) => {
    expectScales(scales({ ...options, patienceRule: 'torch' }), wanted)
  })

  test.each<[ReduceOnPlateauOptions, readonly number[]]>([
    [{ factor: 0.5, patience: 1 }, halves(3, 4, 2, 3, 2, 2, 3, 2, 2)],
    [{ factor: 0.5, patience: 1, thresholdMode: 'abs', atol: 0.05, cooldown: 1 }, halves(3, 3, 3, 3, 3, 4, 3, 1)],
    [
      { factor: 0.25, patience: 2, rtol: 0.2 },
      runs([1, 4], [0.25, 3], [0.0625, 3], [4 ** -3, 5], [4 ** -4, 5], [4 ** -5, 3])
    ]
  ])('agrees with PyTorch where values are to rise: %j', (options, wanted) => {
    const rising = VALUES.map((value) => 5 - value)
    expectScales(scales({ ...options, mode: 'max', patienceRule: 'torch' }, rising), wanted)
  })

  const someOptions: fc.Arbitrary<ReduceOnPlateauOptions> = fc.record({
    factor: fc.constantFrom(0.5, 0.1),
    patience: fc.integer({ min: 1, max: 4 }),
    atol: fc.constantFrom(0, 0.25, 1),
    cooldown: fc.integer({ min: 0, max: 3 }),
    accumulationSize: fc.integer({ min: 1, max: 3 }),
    minScale: fc.constantFrom(0, 0.2),
    patienceRule: fc.constantFrom('optax', 'torch')
  })
  const someValues = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 30 })

  test('is what its definition says of the whole history', () => {
    fc.assert(
      fc.property(someOptions, someValues, (options, values) => {
        const { factor = NaN, patience = NaN, atol = NaN, cooldown = NaN, minScale = NaN, patienceRule } = options
        const size = options.accumulationSize ?? NaN
        const found = scales({ ...options, rtol: 0 }, values)
        let [best, bad, cooling, current] = [Infinity, 0, 0, 1]
        values.forEach((_, t) => {
          if ((t + 1) % size === 0) {
            const mean = values.slice(t + 1 - size, t + 1).reduce((sum, x) => sum + x, 0) / size
            // The mean is made step by step: beside the bar, either is right.
            const isBetter = mean < best - atol - 1e-9
            if (Math.abs(mean - (best - atol)) < 1e-9 && size > 1) fc.pre(false)
            if (isBetter) best = mean
            bad = isBetter || cooling > 0 ? 0 : bad + 1
            const isReduced = patienceRule === 'torch' ? bad > patience : bad === patience
            cooling = isReduced ? cooldown : Math.max(0, cooling - 1)
            if (isReduced) {
              bad = 0
              current = Math.max(current * factor, minScale)
            }
          }
          expect(found[t]).toBe(current)
        })
      })
    )
  })

  test('the scale never rises', () => {
    fc.assert(
      fc.property(someOptions, someValues, (options, values) => {
        const found = [1, ...scales(options, values)]
        found.slice(1).forEach((s, t) => {
          expect(s).toBeLessThanOrEqual(found[t] as number)
        })
      })
    )
  })

  test("mode 'max' of −value is mode 'min'", () => {
    fc.assert(
      fc.property(someOptions, someValues, fc.constantFrom(0, 0.25, 1), (options, values, rtol) => {
        const rising = values.map((value) => -value)
        for (const given of [{ ...options, rtol }, { ...options, thresholdMode: 'abs' } as const]) {
          expect(scales({ ...given, mode: 'max' }, rising)).toStrictEqual(scales(given, values))
        }
      })
    )
  })

  test('a value that stays is a plateau, of whatever sign; so is one that creeps', () => {
    for (const mode of ['min', 'max'] as const) {
      for (const value of [1, 0, -1, 1e300, -1e-300]) {
        const found = scales({ factor: 0.5, patience: 2, mode }, new Array<number>(7).fill(value))
        expect(found).toStrictEqual(halves(2, 2, 2, 1))
      }
      const creeping = Array.from({ length: 9 }, (_, t) => -1 + (mode === 'min' ? -1e-5 : 1e-5) * t)
      expect(scales({ factor: 0.5, patience: 2, mode }, creeping)).toStrictEqual(halves(2, 2, 2, 2, 1))
      expect(scales({ factor: 0.5, patience: 2, mode, patienceRule: 'torch' }, creeping)).toStrictEqual(halves(3, 3, 3))
    }
  })

  test("with marginRule 'signed' it never is one where values are negative, as in Optax and in PyTorch", () => {
    const torch = { factor: 0.5, patience: 2, patienceRule: 'torch', marginRule: 'signed' } as const
    const flat = new Array<number>(20).fill(-1)
    expect(scales(torch, flat)).toStrictEqual(halves(20))
    expect(scales({ ...torch, mode: 'max' }, flat)).toStrictEqual(halves(20))
    expect(scales({ ...torch, patienceRule: 'optax' }, flat)).toStrictEqual(halves(20))
    expect(scales({ ...torch, marginRule: 'size' }, VALUES)).toStrictEqual(scales(torch, VALUES))
  })

  test('a change of at most eps is left out, and its cooldown begins all the same, as in PyTorch', () => {
    const flat = new Array<number>(20).fill(1)
    const torch = { factor: 0.5, patience: 2, patienceRule: 'torch', eps: 0.1 } as const
    expect(scales(torch, flat)).toStrictEqual(halves(3, 3, 3, 11))
    expect(scales({ ...torch, eps: 0.125 }, flat)).toStrictEqual(halves(3, 3, 14))
    expect(scales({ ...torch, eps: 0.124 }, flat)).toStrictEqual(halves(3, 3, 3, 11))
  })

  test('its state survives JSON, also before the first value', () => {
    for (const mode of ['min', 'max'] as const) {
      const tx = reduceOnPlateau({ factor: 0.5, patience: 2, mode })
      let state = tx.init(0)
      const found = [3, 2, 2, 2, -1, -1, -1].map((value) => {
        const [update, next] = tx.update(1, JSON.parse(JSON.stringify(state)) as typeof state, 0, { value })
        state = next
        return update
      })
      expect(found).toStrictEqual(scales({ factor: 0.5, patience: 2, mode }, [3, 2, 2, 2, -1, -1, -1]))
    }
  })

  test('the defaults are those of Optax, and with its rule those of PyTorch', () => {
    const flat = new Array<number>(24).fill(1)
    expectScales(scales({}, flat), runs([1, 10], [0.1, 10], [0.01, 4]))
    expectScales(scales({ patienceRule: 'torch' }, flat), runs([1, 11], [0.1, 11], [0.01, 2]))
    // A ten-thousandth is no improvement, two are.
    const falling = (by: number) => Array.from({ length: 14 }, (_, t) => (1 - by) ** t)
    expect(scales({ patience: 1 }, falling(0.99e-4)).at(-1)).toBeLessThan(1)
    expect(scales({ patience: 1 }, falling(1.01e-4)).at(-1)).toBe(1)
    const sinking = (by: number) => Array.from({ length: 14 }, (_, t) => 100 - by * t)
    expect(scales({ patience: 1, thresholdMode: 'abs' }, sinking(0.9e-4)).at(-1)).toBeLessThan(1)
    expect(scales({ patience: 1, thresholdMode: 'abs' }, sinking(1.1e-4)).at(-1)).toBe(1)
  })

  test('a value that is no number is never better; the first that is one is, also with rtol 1', () => {
    expect(scales({ factor: 0.5, patience: 2 }, [NaN, NaN, 1, NaN, 1])).toStrictEqual([1, 0.5, 0.5, 0.5, 0.25])
    expect(scales({ factor: 0.5, patience: 2, rtol: 1 }, [5, 6, -1])).toStrictEqual([1, 1, 1])
    expect(scales({ factor: 0.5, patience: 1, mode: 'max' }, [-5, -Infinity])).toStrictEqual([1, 0.5])
  })

  test('scales every leaf, in a chain and with a state that never changes its form', () => {
    const tx = chain(momentum(), reduceOnPlateau({ factor: 0.5, patience: 1 }), scale(-1))
    const params = { w: new Float32Array([0, 0]), b: 0 }
    const [, state] = tx.update(params, tx.init(params), params, { value: 1 })
    const [updates, next] = tx.update({ w: new Float32Array([2, 4]), b: 6 }, state, params, { value: 1 })
    expect(updates).toStrictEqual({ w: new Float32Array([-1, -2]), b: -3 })
    expect(Object.keys(next[1])).toEqual(Object.keys(tx.init(params)[1]))
    // @ts-expect-error -- the value is missing
    expect(() => tx.update(params, state, params)).toThrow('reduceOnPlateau: value must be a number, got undefined')
  })

  const once = reduceOnPlateau()
  refuses([
    ['reduceOnPlateau: factor must be in (0, 1), got 1', () => reduceOnPlateau({ factor: 1 })],
    ['reduceOnPlateau: factor must be in (0, 1), got 0', () => reduceOnPlateau({ factor: 0 })],
    ['reduceOnPlateau: patience must be a whole number ≥ 1, got 0', () => reduceOnPlateau({ patience: 0 })],
    [
      'reduceOnPlateau: patience must be a whole number ≥ 0, got -1',
      () => reduceOnPlateau({ patience: -1, patienceRule: 'torch' })
    ],
    ['reduceOnPlateau: rtol must be in [0, 1], got 1.1', () => reduceOnPlateau({ rtol: 1.1 })],
    ['reduceOnPlateau: atol must be a finite number ≥ 0, got -1', () => reduceOnPlateau({ atol: -1 })],
    ['reduceOnPlateau: cooldown must be a whole number ≥ 0, got 0.5', () => reduceOnPlateau({ cooldown: 0.5 })],
    [
      'reduceOnPlateau: accumulationSize must be a whole number ≥ 1, got 0',
      () => reduceOnPlateau({ accumulationSize: 0 })
    ],
    ['reduceOnPlateau: minScale must be in [0, 1], got 2', () => reduceOnPlateau({ minScale: 2 })],
    // @ts-expect-error -- there is no such mode
    ['reduceOnPlateau: mode must be one of "min", "max", got "least"', () => reduceOnPlateau({ mode: 'least' })],
    [
      'reduceOnPlateau: thresholdMode must be one of "rel", "abs", got "both"',
      // @ts-expect-error -- there is no such mode
      () => reduceOnPlateau({ thresholdMode: 'both' })
    ],
    [
      'reduceOnPlateau: patienceRule must be one of "optax", "torch", got "keras"',
      // @ts-expect-error -- there is no such rule
      () => reduceOnPlateau({ patienceRule: 'keras' })
    ],
    [
      'reduceOnPlateau: marginRule must be one of "size", "signed", got "optax"',
      // @ts-expect-error -- there is no such rule
      () => reduceOnPlateau({ marginRule: 'optax' })
    ],
    ['reduceOnPlateau: eps must be a finite number ≥ 0, got -1', () => reduceOnPlateau({ eps: -1 })],
    [
      'reduceOnPlateau: rtol must be left out with thresholdMode "abs", got 0.1',
      () => reduceOnPlateau({ thresholdMode: 'abs', rtol: 0.1 })
    ],
    [
      'reduceOnPlateau: there is no option minLr; there are factor, patience, rtol, atol, cooldown, accumulationSize, minScale, eps, mode, thresholdMode, patienceRule, marginRule',
      // @ts-expect-error -- there is no such option
      () => reduceOnPlateau({ minLr: 0 })
    ],
    [
      'reduceOnPlateau: value must be a number, got "3"',
      // @ts-expect-error -- the value is a number
      () => once.update({ w: 1 }, once.init({ w: 0 }), { w: 0 }, { value: '3' })
    ]
  ])
})
