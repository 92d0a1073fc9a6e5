import { type AnyGradientTransformation, applyUpdates, chain, ndarray, read, type Tree } from '@gradchain/core'
import { norm } from '@gradchain/core/tree'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectTrained } from '../internal/testing/averages.js'
import { aDecay } from '../internal/testing/courses.js'
import { bareMomentum, momentum, run, timesValue } from '../internal/testing/parts.js'
import { aNumber, aTrajectory, elementsOf, leavesOf, textOf, type Values } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { multiSteps } from '../wrappers/multiSteps.js'
import { averagedParams } from './averagedParams.js'
import { type EmaParamsOptions, emaParams } from './emaParams.js'
import { polyakAverage } from './polyakAverage.js'
import { swa } from './swa.js'

const numbersOf = (values: Tree): readonly number[] =>
  leavesOf(values as Values).flatMap((leaf) => [...elementsOf(leaf)])

describe('emaParams', () => {
  test('emits the updates of inner', () => {
    fc.assert(
      fc.property(aTrajectory(), aDecay, fc.boolean(), (trajectory, decay, debias) => {
        const text = textOf(run(momentum(), trajectory).updates)
        expect(textOf(run(emaParams(momentum(), { decay, debias }), trajectory).updates)).toBe(text)
      })
    )
  })

  test('is the weighted mean of the params so far', () => {
    const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    fc.assert(
      fc.property(
        number,
        fc.array(number, { minLength: 1, maxLength: 8 }),
        aDecay,
        fc.boolean(),
        (p, grads, decay, debias) => {
          const { params, states } = run(emaParams(scale(-1), { decay, debias }), { params: p, grads })
          const all = [p, ...(params as readonly number[])]
          states.forEach(({ average, count }, t) => {
            // The weight of the params after update i of t; of those before the first, what is left or nothing.
            const weights = all.slice(0, t + 1).map((_, i) => (i === 0 ? decay ** t : (1 - decay) * decay ** (t - i)))
            if (debias && t > 0) weights[0] = 0
            const total = weights.reduce((sum, w) => sum + w, 0)
            const wanted = weights.reduce((sum, w, i) => sum + (w / total) * (all[i] as number), 0)
            const size = Math.max(...all.map(Math.abs))
            // Some roundings a step, and 1 − βᵗ loses digits where β is near 1.
            expect(Math.abs((average as number) - wanted)).toBeLessThanOrEqual(1e-9 * size + 1e-290)
            expect(count).toBe(t)
          })
        }
      )
    )
  })

  test('is between the least and the largest params so far', () => {
    fc.assert(
      fc.property(aTrajectory(aNumber), aDecay, (trajectory, decay) => {
        const { params, states } = run(emaParams(scale(-0.5), { decay }), trajectory)
        states.slice(1).forEach(({ average }, t) => {
          const seen = params.slice(0, t + 1).map(numbersOf)
          numbersOf(average).forEach((a, i) => {
            const history = seen.map((row) => row[i] as number)
            // The rounding of a step is a share of the largest number, or one of the least there are.
            const slack = 1e-6 * Math.max(...history.map(Math.abs)) + 1e-44
            expect(a).toBeGreaterThanOrEqual(Math.min(...history) - slack)
            expect(a).toBeLessThanOrEqual(Math.max(...history) + slack)
          })
        })
      })
    )
  })

  test('with decay 0, and after one update with debias, it is the params', () => {
    fc.assert(
      fc.property(aTrajectory(), aDecay, fc.boolean(), (trajectory, decay, debias) => {
        const { params, states } = run(emaParams(momentum(), { decay: 0, debias }), trajectory)
        expect(states.slice(1).map(({ average }) => textOf(average))).toEqual(params.map(textOf))
        const first = run(emaParams(momentum(), { decay }), trajectory)
        expect(textOf(first.states[1]?.average)).toBe(textOf(first.params[0]))
      })
    )
  })

  test('agrees with Optax: ema of the params with debias, incremental_update without', () => {
    expectTrained(
      (inner) => emaParams(inner, { decay: 0.9 }),
      [
        [0.95, -1.8, 0.19999999999999993],
        [0.8473684210526315, -1.7184210526315788, 0.11052631578947363],
        [0.7761992619926199, -1.5660516605166053, 0.019741697416974093],
        [0.7145100319860421, -1.4305175923233495, -0.18502471648735105],
        [0.6456802031696416, -1.255781299601963, -0.5008852042685161],
        [0.5429610785408027, -1.0717443267550082, -0.8407077870663034],
        [0.4384919602739565, -0.8479329718378135, -1.1892070125709437],
        [0.3348379186385387, -0.6224445013956088, -1.6068735937047633]
      ]
    )
    expectTrained(
      (inner) => emaParams(inner, { decay: 0.9, debias: false }),
      [
        [0.995, -1.98, 0.47000000000000003],
        [0.971, -1.9465000000000001, 0.42600000000000005],
        [0.93935, -1.8824, 0.36985000000000007],
        [0.9018200000000001, -1.8041550000000002, 0.26442000000000004],
        [0.8549025000000001, -1.695235, 0.0901275],
        [0.7858503000000001, -1.56505745, -0.12820070000000006],
        [0.7070595150000002, -1.39896306, -0.3812645350000001],
        [0.6211683840000002, -1.2154369735, -0.6999335960000003]
      ]
    )
  })

  const averagesOf = (options: EmaParamsOptions, path: readonly number[]): readonly number[] =>
    run(emaParams(scale(1), options), { params: 0, grads: path.map((p, t) => p - (path[t - 1] ?? 0)) })
      .states.slice(1)
      .map(({ average }) => average as number)

  test('agrees with PyTorch, Keras and timm where it starts at the first update', () => {
    const found = averagesOf({ decay: 0.9, start: 'firstUpdate' }, [1, 2, 4, 8])
    // torch 2.13, get_ema_multi_avg_fn(0.9), and use_ema of Keras 3.15; some roundings.
    for (const [t, a] of [1, 1.1, 1.39, 2.051].entries()) expect(found[t]).toBeCloseTo(a, 14)
  })

  test('agrees with ModelEmaV3 of timm 1.0.29 with its warmup as a schedule', () => {
    const warmup = (n: number) => (n < 2 ? 0 : Math.min(0.9, 1 - n ** (-2 / 3)))
    const found = averagesOf({ decay: warmup, start: 'params' }, [1, 2, 4, 8, 16, 32])
    for (const [t, a] of [
      1.0, 2.0, 3.2599210498948734, 5.53871332623231, 9.690277693952243, 17.32009539802789
    ].entries())
      expect(found[t]).toBeCloseTo(a, 13)
  })

  test('a constant schedule is the number, and each rate counts once', () => {
    fc.assert(
      fc.property(aTrajectory(), aDecay, fc.boolean(), (trajectory, decay, debias) => {
        const statesOf = (rate: number | (() => number)) =>
          textOf(run(emaParams(momentum(), { decay: rate, debias }), trajectory).states)
        expect(statesOf(() => decay)).toBe(statesOf(decay))
      })
    )
    // Debiased, of rates ½ and ¼ on 8 and 2: (¼ · ½ · 8 + ¾ · 2) / (1 − ⅛).
    const rates = [0.5, 0.25]
    expect(averagesOf({ decay: (n) => rates[n] as number }, [8, 2])[1]).toBeCloseTo(2.5 / 0.875, 14)
  })

  test('refuses a rate of a schedule that is out of range, naming the step', () => {
    const tx = emaParams(scale(1), { decay: (n) => (n < 1 ? 0.5 : n < 2 ? NaN : 1) })
    const [, state] = tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })
    expect(() => tx.update({ w: 1 }, state, { w: 1 })).toThrow('emaParams: decay(1) must be in [0, 1), got NaN')
    expect(() => tx.update({ w: 1 }, { ...state, count: 2 }, { w: 1 })).toThrow('decay(2) must be in [0, 1), got 1')
  })

  test('overwrites the params by their average after each period, and only then', () => {
    fc.assert(
      fc.property(aTrajectory(aNumber), fc.integer({ min: 1, max: 3 }), (trajectory, overwritePeriod) => {
        const { params, states } = run(emaParams(momentum(), { decay: 0.5, overwritePeriod }), trajectory)
        const free = run(emaParams(momentum(), { decay: 0.5 }), trajectory)
        const size = Math.max(
          ...[trajectory.params, ...free.params].flatMap((p) => numbersOf(p as Tree).map(Math.abs)),
          0
        )
        params.forEach((p, t) => {
          // p + (a − p) is a but for a rounding of the larger one.
          const near = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), size)
          if ((t + 1) % overwritePeriod === 0) {
            const average = numbersOf(states[t + 1]?.average as Tree)
            expect(numbersOf(p as Tree).every((x, i) => near(x, average[i] as number))).toBe(true)
          }
          if (t + 1 < overwritePeriod) expect(textOf(p)).toBe(textOf(free.params[t]))
        })
      })
    )
    expect(
      run(emaParams(scale(-1), { decay: 0.5, overwritePeriod: 2 }), { params: 8, grads: [1, 1, 1, 1] }).params
    ).toStrictEqual([7, 19 / 3, 16 / 3, 5])
  })

  /** A transformation of one number, as far as the next test looks. */
  interface Driven<S> {
    readonly init: (params: { w: number }) => S
    readonly update: (grads: { w: number }, state: S, params: { w: number }) => readonly [{ w: number }, S]
  }
  interface Averaged {
    readonly count: number
    readonly average: { w: number }
  }
  test.each<[string, (inner: AnyGradientTransformation) => AnyGradientTransformation]>([
    ['emaParams', (inner) => emaParams(inner, { decay: 0.7 })],
    ['swa', (inner) => swa(inner, { start: 2 })],
    ['polyakAverage', (inner) => polyakAverage(inner)]
  ])('%s around multiSteps and inside is the same: mini-batches that accumulate do not count', (_, averaging) => {
    const shouldSkip = (updates: Tree) => ({ shouldSkip: read(norm(updates)) > 0.99 })
    for (const k of [1, 3]) {
      const outside = averaging(multiSteps(momentum(), k, { shouldSkip })) as unknown as Driven<Averaged>
      const inside = multiSteps(averaging(momentum()), k, { shouldSkip }) as unknown as Driven<{
        readonly gradientStep: number
        readonly innerState: Averaged
      }>
      const params = { w: 1 }
      let [s, r] = [outside.init(params), inside.init(params)]
      for (let t = 0; t < 13; t++) {
        const grads = { w: Math.sin(t) }
        const [u, next] = outside.update(grads, s, params)
        const [v, after] = inside.update(grads, r, params)
        s = next
        r = after
        expect(u).toStrictEqual(v)
        expect(s.average).toStrictEqual(r.innerState.average)
        expect(s.count).toBe(r.gradientStep)
        params.w += u.w
      }
      expect(s.count).toBeGreaterThan(1)
    }
  })

  test('the average of 16-bit params is float32 unless told otherwise, and moves where a 16-bit one stands still', () => {
    const params = { w: ndarray([1], [1], 'bfloat16') }
    const grads = { w: ndarray([-0.0078125], [1], 'bfloat16') }
    const after = (accumulatorDtype?: 'bfloat16') => {
      const tx = emaParams(scale(1), { decay: 0.999, debias: false, accumulatorDtype })
      return tx.update(grads, tx.init(params), params)[1]
    }
    expect(textOf(after('bfloat16').average)).toBe(textOf(params))
    expect(textOf(after().average)).toBe(
      `{ w: { dtype: float32, shape: [1], data: Float32Array(${Math.fround(1 - 7.8125e-6)}) } }`
    )
    expect(textOf(averagedParams(after(), params))).toBe(textOf(params))
  })

  test('averages the params as they are once the update is applied, in every dtype', () => {
    const half = (f: (i: number) => number) =>
      ndarray(
        Array.from({ length: 99 }, (_, i) => f(i)),
        [99],
        'bfloat16'
      )
    const params = { a: half((i) => 1 + i / 50), b: new Float32Array([0.1]), c: 0.1 }
    const grads = { a: half((i) => 0.0123 * (i + 1)), b: new Float32Array([0.7]), c: 0.7 }
    const tx = emaParams(scale(-0.37), { decay: 0 })
    const [updates, state] = tx.update(grads, tx.init(params), params)
    expect(textOf(averagedParams(state, params))).toBe(textOf(applyUpdates(params, updates)))
  })

  test('the first average does not depend on where the params were, however far', () => {
    for (const w of [-1.5e308, Infinity, NaN]) {
      const tx = emaParams({ init: () => ({}), update: () => [{ w: 1 }, {}] as const }, { decay: 0.9 })
      const [, state] = tx.update({ w: 0 }, tx.init({ w }), { w: 1.5e308 })
      expect(state.average).toStrictEqual({ w: 1.5e308 })
    }
  })

  test('keeps its average when the caller refills the params', () => {
    const params = { w: new Float32Array([3]) }
    const state = emaParams(bareMomentum(), { decay: 0.5 }).init(params)
    params.w.fill(0)
    expect(textOf(state.average)).toBe('{ w: Float32Array(3) }')
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = chain(emaParams(timesValue(), { decay: 0.5 }))
    expect(tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 }, { value: 3 })[0]).toStrictEqual({ w: 6 })
  })

  test.each([
    [{}, 'emaParams: decay must be in [0, 1) or a schedule, got undefined'],
    [{ decay: 1 }, 'emaParams: decay must be in [0, 1) or a schedule, got 1'],
    [
      { decay: 0.9, debias: true, start: 'params' },
      'emaParams: start must be left out where the average is debiased, got "params"'
    ],
    [{ decay: 0.9, start: 'zero' }, 'emaParams: start must be one of "params", "firstUpdate", got "zero"'],
    [{ decay: 0.9, overwritePeriod: 0 }, 'emaParams: overwritePeriod must be a whole number ≥ 1, got 0'],
    [{ decay: 0.9, debias: 1 }, 'emaParams: debias must be true or false, got 1'],
    [
      { decay: 0.9, accumulatorDtype: 'int8' },
      'emaParams: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got "int8"'
    ],
    [
      { decay: 0.9, rate: 1 },
      'emaParams: there is no option rate; there are decay, debias, start, overwritePeriod, accumulatorDtype'
    ],
    [0.9, 'emaParams: options must be an object, got 0.9']
  ])('refuses %j', (options, message) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    expect(() => emaParams(momentum(), options)).toThrow(message)
  })
})

wrapperLaws('emaParams', (inner) => emaParams(inner, { decay: 0.5 }))
wrapperLaws('emaParams', (inner) => emaParams(inner, { decay: 0.75, debias: false, accumulatorDtype: 'float64' }))

describe('params without a gradient', () => {
  test.each([
    ['emaParams', emaParams(scale(-1), { decay: 0.5, start: 'params' }), [1.5, 1.25]],
    ['polyakAverage', polyakAverage(scale(-1)), [1, 1]],
    ['swa', swa(scale(-1), { start: 2 }), [1, 1]]
  ])('%s: what rests is averaged as what it is', (_name, tx, expected) => {
    const params = { a: 2, b: 1 }
    let [, state] = tx.update({ a: 1, b: 0 }, tx.init(params) as never, params)
    const averages = [state.average]
    ;[, state] = tx.update({ a: null, b: 0 }, state as never, { a: 1, b: 1 })
    averages.push(state.average)
    expect(averages.map((average) => (average as typeof params).a)).toStrictEqual(expected)
  })

  test('what rests is not overwritten by its average', () => {
    const tx = emaParams(scale(-1), { decay: 0.5, overwritePeriod: 1, start: 'params' })
    const params = { a: 2, b: 4 }
    expect(tx.update({ a: null, b: 2 }, tx.init(params), params)[0]).toStrictEqual({ a: -0, b: -1 })
  })
})
