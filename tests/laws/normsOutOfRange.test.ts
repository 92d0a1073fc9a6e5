// What is made of norms is right where float64 squares overflow or vanish, in every engine and in place: it is what comes of
// ordinary numbers, times a power of two, to the bit.
import {
  adaptiveGradClip,
  clipByBlockRms,
  clipByGlobalNorm,
  clipByNorm,
  type EmptyState,
  type GradientTransformation,
  globalNorm,
  type Leaf,
  maxNorm,
  ndarray,
  normalizeByUpdateNorm,
  perExampleGlobalNormClip,
  read,
  reference,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleByTrustRatio,
  step,
  type Tree,
  transient,
  tree,
  withEngine
} from 'gradchain'
import { expect, test } from 'vitest'

type Leaves = Tree<Leaf>

/** Leaves of 3, 4 and zeros, whose norm is 5, times s. */
const FORMS: Readonly<Record<string, (s: number) => Leaves>> = {
  'an array': (s) => ({ w: Float64Array.of(3 * s, 4 * s) }),
  'a matrix': (s) => ({ w: ndarray(Float64Array.of(3 * s, 0, 4 * s, 0), [2, 2]) }),
  numbers: (s) => ({ a: 3 * s, b: [4 * s, 0] }),
  'leaves of all kinds': (s) => ({ a: 3 * s, b: Float64Array.of(4 * s, 0), c: new Float32Array(2) })
}

const POWERS = [0, 530, 990, -530, -990]

const elements = (t: unknown): readonly number[] =>
  tree.leaves(t as Leaves).flatMap((x) => (typeof x === 'number' ? [x] : ArrayBuffer.isView(x) ? [...x] : [...x.data]))

/** What is emitted, by each engine, and the steps, which must agree with it. */
const emitted = (tx: GradientTransformation<EmptyState>, at: Leaves): readonly (readonly number[])[] => {
  const state = tx.init(at as never)
  const update = () => elements(tx.update(at as never, state, at as never)[0])
  const updates = update()
  const moved = elements(at).map((p, i) => p + (updates[i] as number))
  expect(elements(step(tx, at as never, state, at as never)[0])).toStrictEqual(moved)
  const run = transient(tx, at as never)
  run.step(at as never)
  expect(elements(run.snapshot().params)).toStrictEqual(moved)
  run.dispose()
  return [updates, withEngine(reference, update)]
}

// Gradients and params are measured in a unit; the last column says what the updates are measured in.
test.each<[string, (unit: number) => GradientTransformation<EmptyState>, (unit: number) => number]>([
  ['clipByGlobalNorm', (unit) => clipByGlobalNorm(Math.min(1, unit)), (unit) => Math.min(1, unit)],
  ['clipByNorm', (unit) => clipByNorm(unit), (unit) => unit],
  ['clipByBlockRms', (unit) => clipByBlockRms(unit / 4), (unit) => unit],
  ['normalizeByUpdateNorm', () => normalizeByUpdateNorm({ eps: 0 }), () => 1],
  ['scaleByTrustRatio', () => scaleByTrustRatio(), (unit) => unit],
  ['maxNorm', (unit) => maxNorm(unit), (unit) => unit]
])('%s', (_, make, unitOfUpdates) => {
  for (const [form, leaves] of Object.entries(FORMS)) {
    const [ordinary] = emitted(make(1), leaves(1)) as [readonly number[]]
    for (const power of POWERS) {
      const unit = 2 ** power
      const expected = ordinary.map((x) => x * unitOfUpdates(unit))
      const found = emitted(make(unit), leaves(unit))
      expect([form, power, ...found]).toStrictEqual([form, power, expected, expected])
    }
  }
})

test.each([
  ['scaleByParamBlockNorm', scaleByParamBlockNorm, 5],
  ['scaleByParamBlockRms', scaleByParamBlockRms, Math.sqrt(12.5)]
] as const)('%s', (_, make, length) => {
  const tx = make({ minScale: 0 })
  for (const unit of [1, 2 ** 700, 2 ** -700]) {
    const updates = tx.update({ w: Float64Array.of(1, 0) }, {}, { w: Float64Array.of(3 * unit, 4 * unit) })[0]
    expect(updates.w[0] as number).toBe(length * unit)
  }
})

test('adaptiveGradClip', () => {
  const tx = adaptiveGradClip(0.5)
  for (const unit of [1, 2 ** 530, 2 ** 990]) {
    const leaves = { w: ndarray(Float64Array.of(3 * unit, 0, 4 * unit, 0), [2, 2]), b: 2 * unit }
    expect(elements(tx.update(leaves, {}, leaves)[0])).toStrictEqual([1.5, 0, 2, 0, 1].map((x) => x * unit))
  }
})

test.each([
  [1, [3e200, 4e200, 3e-200, 4e-200], [0.6, 0.8], 1],
  [1e-200, [3e-200, 4e-200, 3e-210, 4e-210], [0.6e-200, 0.8e-200], 1]
])('perExampleGlobalNormClip(%s)', (bound, examples, expected, count) => {
  const [summed, clipped] = perExampleGlobalNormClip([ndarray(Float64Array.from(examples), [2, 2])], bound)
  expect(clipped).toBe(count)
  // Three roundings, and what the short example adds.
  for (const [i, x] of elements(summed).entries()) expect(x / (expected[i] as number)).toBeCloseTo(1, 8)
})

const LONG = (s: number): Leaves => ({
  w: Float64Array.from({ length: 4099 }, (_, i) => (i === 1 ? 3 * s : i > 4097 ? -4 * s : 0))
})

test.each(Object.entries({ ...FORMS, 'a long array': LONG }))('the norm of %s', (_, leaves) => {
  for (const power of [...POWERS, 1021, -1074]) {
    expect(globalNorm(leaves(2 ** power) as never)).toBe(5 * 2 ** power)
    expect(read(tree.norm(leaves(2 ** power), { ord: 'inf' }))).toBe(4 * 2 ** power)
    expect(read(tree.norm(leaves(2 ** power), { ord: 1 }))).toBe(7 * 2 ** power)
  }
})

test('an infinity makes the norm infinite and a NaN makes it NaN, beside whatever', () => {
  for (const other of [0, 1, 2 ** 900, 2 ** -900]) {
    for (const [odd, expected] of [
      [-Infinity, Infinity],
      [NaN, NaN]
    ] as const) {
      for (const ord of [2, 3, 'inf'] as const) {
        expect(read(tree.norm({ a: Float64Array.of(other, odd), b: Float32Array.of(1) }, { ord }))).toBe(expected)
        expect(read(tree.norm({ a: other, b: odd, c: Float32Array.of(1) }, { ord }))).toBe(expected)
      }
    }
  }
})
