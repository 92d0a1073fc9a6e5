import { identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aGradient,
  average,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectGolden,
  expectOracle,
  expectSame,
  near,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { type EmaOptions, ema } from './ema.js'

const equalGradients = fc.record({ g: aGradient, decay: aDecay, steps: fc.integer({ min: 1, max: 40 }) })

describe('ema', () => {
  test('is the average of past updates, each weighed with β to the power of its age', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, decay) =>
        expectOracle(ema(decay), course, (history) => unbiased(history, decay, 1))
      )
    )
  })

  test('counts, without debias, what was before the first update as zero', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, decay) =>
        expectOracle(ema(decay, { debias: false }), course, (history) => average(history, decay, 1))
      )
    )
  })

  test('is g for equal gradients, and g (1 − βᵗ) without debias', () => {
    fc.assert(
      fc.property(equalGradients, ({ g, decay, steps }) => {
        const course = { params: [0], gradients: new Array<number[]>(steps).fill([g]) }
        return (
          emitted(ema(decay), course).every(([u = 0]) => near(u, g, g)) &&
          emitted(ema(decay, { debias: false }), course).every(([u = 0], t) => near(u, g * (1 - decay ** (t + 1)), g))
        )
      })
    )
  })

  test('is the identity for β = 0', () => {
    fc.assert(
      fc.property(aCourse(), fc.boolean(), (course, debias) => expectSame(ema(0, { debias }), identity(), course))
    )
  })

  test('debiases what it emits, not what it keeps', () => {
    const tx = ema(0.75)
    expect(tx.update({ w: 8 }, tx.init({ w: 0 }), { w: 0 })).toStrictEqual([{ w: 8 }, { count: 1, ema: { w: 2 } }])
  })

  test('keeps its accumulator in the dtype asked for, and its updates in that of the gradient', () => {
    const tx = ema(0.5, { accumulatorDtype: 'float64' })
    const params = { w: new Float32Array(1), b: 0 }
    const state = tx.init(params)
    expect(state).toStrictEqual({ count: 0, ema: { w: new Float64Array(1), b: 0 } })
    const [updates, next] = tx.update({ w: new Float32Array([3]), b: 3 }, state, params)
    expect(updates).toStrictEqual({ w: new Float32Array([3]), b: 3 })
    expect(next).toStrictEqual({ count: 1, ema: { w: new Float64Array([1.5]), b: 1.5 } })
  })

  test('keeps the dtypes of its state and of the updates', () => {
    for (const accumulatorDtype of [undefined, 'float64', 'float32', 'bfloat16', 'float16'] as const) {
      expectDtypesKept(ema(0.9, { accumulatorDtype }))
      expectFloat32InChain(ema(0.9, { accumulatorDtype }))
    }
  })

  test('is what Optax gives', () => {
    expectGolden(ema(0.9), [
      [0.5, -2, 3],
      [1.0263157894736843, -0.8157894736842106, 0.8947368421052633],
      [0.3708487084870849, -1.2527675276752768, 0.6107011070110702],
      [0.2630125036347775, -0.59770282058738, 1.5962489095667345]
    ])
  })

  const make = (options: object) => () => ema(0.9, options as EmaOptions)
  refuses([
    ['ema: decay must be in [0, 1), got 1', () => ema(1)],
    ['ema: decay must be in [0, 1), got -0.1', () => ema(-0.1)],
    // @ts-expect-error -- the decay is required
    ['ema: decay must be in [0, 1), got undefined', () => ema()],
    ['ema: debias must be true or false, got "yes"', make({ debias: 'yes' })],
    [
      'ema: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got "f32"',
      make({ accumulatorDtype: 'f32' })
    ],
    ['ema: there is no option nesterov; there are debias, accumulatorDtype', make({ nesterov: true })]
  ])
})
