import { type AnyGradientTransformation, chain, type StateOf, transformation, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aGradient, emitted, expectGolden, refuses } from '../internal/testing/courses.js'
import { momentum, run, timesValue } from '../internal/testing/parts.js'
import { aTrajectory, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { ema } from '../momentum/ema.js'
import { scale } from '../scaling/scale.js'
import { scaleByLearningRate } from '../scaling/scaleByLearningRate.js'
import { injectHyperparams, type StatefulSchedule } from './injectHyperparams.js'
import { setHyperparams } from './setHyperparams.js'

interface Numbers {
  readonly learningRate: number
  readonly b1: number
  readonly b2: number
}
const adam = ({ learningRate, b1, b2 }: Numbers) => chain(scaleByAdam({ b1, b2 }), scaleByLearningRate(learningRate))

const someNumbers = fc.record({
  learningRate: fc.double({ min: 1e-3, max: 1, noNaN: true }),
  b1: fc.double({ min: 0, max: 0.999, noNaN: true }),
  b2: fc.double({ min: 0, max: 0.999, noNaN: true })
})

/** A schedule that counts down what it is told. */
const countdown: StatefulSchedule<{ readonly left: number }, { readonly spent: number }> = {
  init: () => ({ left: 8 }),
  value: ({ left }) => left,
  update: ({ left }, { spent }) => ({ left: left - spent })
}

describe('injectHyperparams', () => {
  test('with numbers alone, what the factory makes of them, to the bit', () => {
    fc.assert(
      fc.property(aTrajectory(), someNumbers, (trajectory, numbers) => {
        const text = (tx: AnyGradientTransformation) => textOf(run(tx, trajectory).updates)
        expect(text(injectHyperparams(adam, numbers))).toBe(text(adam(numbers)))
      })
    )
  })

  test('a schedule and setting its values by hand before each update are the same', () => {
    fc.assert(
      fc.property(
        fc.array(aGradient, { minLength: 1, maxLength: 5 }),
        fc.array(someNumbers, { minLength: 1, maxLength: 5 }),
        (history, numbers) => {
          const at = (t: number) => numbers[t % numbers.length] as Numbers
          const scheduled = injectHyperparams(adam, {
            learningRate: (t) => at(t).learningRate,
            b1: (t) => at(t).b1,
            b2: (t) => at(t).b2
          })
          const byHand = injectHyperparams(adam, at(0))
          const params = { w: 1 }
          let state = byHand.init(params)
          const found = history.map((w, t) => {
            const [u, next] = byHand.update({ w }, setHyperparams(state, at(t)), params)
            state = next
            return u.w
          })
          const course = { params: [1], gradients: history.map((g) => [g]) }
          expect(textOf(found)).toBe(textOf(emitted(scheduled, course).flat()))
        }
      )
    )
  })

  test('agrees with Optax', () => {
    const scheduled = { learningRate: (t: number) => 0.1 - 0.03 * t, b1: (t: number) => 0.5 + t * 0.1, b2: 0.99 }
    expectGolden(injectHyperparams(adam, scheduled), [
      [-0.09999999800000003, 0.0999999995, -0.09999999966666667],
      [-0.07322394367722562, 0.038465074606760276, -0.024506301898789048],
      [-0.018068423932406985, 0.035280961917040235, -0.012970355522165014],
      [-0.004655177598852377, 0.006310400871845785, -0.007357690621382831]
    ])
  })

  test('hyperparams holds what the last update was made with, and before the first what it will be made with', () => {
    const tx = injectHyperparams(({ a, b }) => chain(scale(a), scale(b)), { a: (t) => 10 + t, b: 3 })
    const params = { w: 0 }
    let state = tx.init(params)
    const seen = [state]
    for (let t = 0; t < 3; t++) {
      const [u, next] = tx.update({ w: 1 }, state, params)
      state = next
      seen.push(state)
      expect(u.w).toBe((10 + t) * 3)
    }
    expect(seen.map(({ hyperparams, count }) => [hyperparams.a, hyperparams.b, count])).toStrictEqual([
      [10, 3, 0],
      [10, 3, 1],
      [11, 3, 2],
      [12, 3, 3]
    ])
    expect(state.hyperparamsStates).toStrictEqual({ a: { count: 3 }, b: null })
  })

  test('a stateful schedule is fed by what the update is given, and its value is that before the update', () => {
    const tx = injectHyperparams(({ rate, share }) => chain(scale(rate), scale(share)), { rate: countdown, share: 0.5 })
    const params = { w: 0 }
    let state = tx.init(params)
    const emissions: number[] = []
    for (const spent of [1, 3, 2]) {
      const [u, next] = tx.update({ w: 1 }, state, params, { spent })
      state = next
      emissions.push(u.w)
    }
    expect(emissions).toStrictEqual([4, 3.5, 2])
    expect(state.hyperparams.rate).toBe(4)
    expect(state.hyperparamsStates.rate).toStrictEqual({ left: 2 })
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = injectHyperparams(({ rate }) => chain(scale(rate), timesValue()), { rate: countdown })
    const params = { w: 0 }
    expect(tx.update({ w: 1 }, tx.init(params), params, { value: 3, spent: 1 })[0]).toStrictEqual({ w: 24 })
  })

  test('numbers are never rounded to the dtype of the params', () => {
    const seen: number[] = []
    const tx = injectHyperparams(
      ({ b2 }) => {
        seen.push(b2)
        return scaleByAdam({ b2 })
      },
      { b2: 0.999 }
    )
    const params = { w: { dtype: 'bfloat16' as const, shape: [1], data: Uint16Array.of(16256) } }
    const [u, state] = tx.update(params, tx.init(params), params)
    expect(new Set(seen)).toStrictEqual(new Set([0.999]))
    expect(state.hyperparams.b2).toBe(0.999)
    expect([...u.w.data]).toStrictEqual([16256])
  })

  test('the state survives structuredClone, and an older one goes on from where it was', () => {
    const tx = injectHyperparams(({ decay }) => ema(decay), { decay: (t) => t / 8 })
    const params = { w: new Float32Array([1]) }
    const [, state] = tx.update({ w: new Float32Array([3]) }, tx.init(params), params)
    const text = textOf(tx.update(params, state, params))
    tx.update(params, tx.update(params, state, params)[1], params)
    expect(textOf(tx.update(params, structuredClone(state), params))).toBe(text)
  })

  test('without a hyperparameter it is what the factory makes', () => {
    const tx = injectHyperparams(() => scale(2), {})
    expect(tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })[0]).toStrictEqual({ w: 2 })
  })

  test('makes an inner state once, at init', () => {
    let inits = 0
    const tx = injectHyperparams(
      () =>
        transformation<{ readonly count: number }>({
          init: () => {
            inits++
            return { count: 0 }
          },
          update: (updates, state) => [tree.map((g) => g, updates), state]
        }),
      { a: 1 }
    )
    const state: StateOf<typeof tx> = tx.init({ w: 0 })
    for (let t = 0; t < 3; t++) tx.update({ w: 0 }, state, { w: 0 })
    expect(inits).toBe(1)
  })

  const numberless = (t: number): number => (t < 1 ? 0 : (undefined as unknown as number))
  refuses([
    // @ts-expect-error -- the factory is a function
    ['injectHyperparams: factory must be a function, got 3', () => injectHyperparams(3, {})],
    // @ts-expect-error -- the hyperparameters are an object
    ['injectHyperparams: hyperparams must be an object, got null', () => injectHyperparams(() => scale(1), null)],
    [
      'injectHyperparams: a must be a number, a schedule or a stateful schedule { init, value, update }, got "1"',
      // @ts-expect-error -- a hyperparameter is a number or a schedule
      () => injectHyperparams(() => scale(1), { a: '1' })
    ],
    [
      'injectHyperparams: a must be a number, a schedule or a stateful schedule { init, value, update }, got an object',
      // @ts-expect-error -- a stateful schedule has a value
      () => injectHyperparams(() => scale(1), { a: { init: () => 0, update: () => 0 } })
    ],
    ['scaleByAdam: b1 must be in [0, 1), got 1', () => injectHyperparams(({ b1 }) => scaleByAdam({ b1 }), { b1: 1 })],
    [
      'injectHyperparams: a at step 0 must be a finite number, got "much"',
      () => injectHyperparams(() => scale(1), { a: () => 'much' as unknown as number })
    ],
    [
      'injectHyperparams: a at step 0 must be a finite number, got NaN',
      () => injectHyperparams(() => scale(1), { a: () => Number.NaN })
    ],
    [
      'injectHyperparams: a at step 1 must be a finite number, got undefined',
      () => {
        const tx = injectHyperparams(() => scale(1), { a: numberless })
        const [, state] = tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })
        tx.update({ w: 1 }, state, { w: 0 })
      }
    ],
    [
      'scaleByAdam: b1 must be in [0, 1), got 1',
      () => {
        const tx = injectHyperparams(({ b1 }) => scaleByAdam({ b1 }), { b1: (t) => t })
        const [, state] = tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })
        tx.update({ w: 1 }, state, { w: 0 })
      }
    ]
  ])
})

wrapperLaws('injectHyperparams', (inner) => injectHyperparams(() => inner, { a: 1, b: (t) => t }))
wrapperLaws('injectHyperparams', (inner) => {
  // A check of its own, as it is the chain that would refuse.
  injectHyperparams(() => inner, {})
  return injectHyperparams(({ a, b }) => chain(inner, ema(b), scale(a), momentum()), { a: (t) => 2 ** -t, b: 0.5 })
})
