import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aDyadic,
  aRate,
  average,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectGolden,
  expectOracle,
  expectSame,
  GOLDEN,
  last,
  refuses
} from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByLionOptions, scaleByLion } from './scaleByLion.js'

const combined = (history: readonly number[], b1: number, b2: number): number =>
  b1 * average(history.slice(0, -1), b2, 1) + (1 - b1) * last(history)

const aMode = fc.constantFrom('hard', 'smooth', 'refined')
// Products of up to seven of them with eighths are exact.
const aShare = fc.constantFrom(0, 0.25, 0.5, 0.75)

describe('scaleByLion', () => {
  test('is the sign of the mix of the update with the momentum before it, exactly on dyadic numbers', () => {
    fc.assert(
      fc.property(aCourse(aDyadic), aShare, aShare, (course, b1, b2) =>
        expectOracle(scaleByLion({ b1, b2 }), course, (history) => Math.sign(combined(history, b1, b2)), {
          scale: () => 0
        })
      )
    )
  })

  test("is, in mode 'smooth', the hyperbolic tangent of the mix times smoothBeta", () => {
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, aRate, (course, b1, b2, rate) => {
        const smoothBeta = rate || 1
        expectOracle(
          scaleByLion({ b1, b2, mode: 'smooth', smoothBeta }),
          course,
          (history) => Math.tanh(smoothBeta * combined(history, b1, b2)),
          { scale: (history) => smoothBeta * combined(history, b1, b2) }
        )
      })
    )
  })

  test("is, in mode 'refined', the mix where it is small and its sign where it is not", () => {
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, (course, b1, b2) =>
        expectOracle(
          scaleByLion({ b1, b2, mode: 'refined' }),
          course,
          (history) => {
            const mix = combined(history, b1, b2)
            return Math.abs(mix) < 1 ? mix : Math.sign(mix)
          },
          { scale: (history) => combined(history, b1, b2) }
        )
      )
    )
  })

  test('keeps the dtypes of its state and of the updates', () => {
    for (const muDtype of [undefined, 'float64', 'float32', 'bfloat16', 'float16'] as const) {
      expectDtypesKept(scaleByLion({ mode: 'refined', muDtype }))
      expectFloat32InChain(scaleByLion({ mode: 'refined', muDtype }))
    }
  })

  test('is what Optax gives', () => {
    expectGolden(scaleByLion(), [
      [1, -1, 1],
      [1, 1, -1],
      [-1, -1, 1],
      [1, 1, 1]
    ])
    expectGolden(scaleByLion({ mode: 'smooth' }), [
      [0.049958374957879956, -0.19737532022490392, 0.2913126124515908],
      [0.15328230745501278, 0.006999885668907534, -0.07287060348128827],
      [-0.056983203116385515, -0.21229171404766506, 0.03022079477381876],
      [0.011025003268475077, 0.06648746818961294, 0.39581588101742804]
    ])
    expectGolden(scaleByLion({ mode: 'refined' }), [
      [0.04999999999999999, -0.19999999999999996, 0.29999999999999993],
      [0.15449999999999997, 0.0069999999999999785, -0.07299999999999995],
      [-0.05704499999999997, -0.21556999999999998, 0.030230000000000014],
      [0.011025450000000008, 0.06658569999999994, 0.41867769999999993]
    ])
  })

  test('is odd in the gradient and at most 1', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, aMode, (course, b1, b2, mode) => {
        const tx = scaleByLion({ b1, b2, mode: mode as 'hard' })
        expectSame(chain(scale(-1), tx), chain(tx, scale(-1)), course)
        expect(emitted(tx, course).every((row) => row.every((u) => Math.abs(u) <= 1))).toBe(true)
      })
    )
  })

  test('is blind to the scale of the gradient, exactly for powers of two', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, fc.integer({ min: -8, max: 8 }), (course, b1, b2, power) =>
        expectSame(chain(scale(2 ** power), scaleByLion({ b1, b2 })), scaleByLion({ b1, b2 }), course)
      )
    )
  })

  test('keeps its momentum in the dtype asked for, and its updates in that of the gradient', () => {
    const tx = scaleByLion({ b2: 0.5, muDtype: 'float64' })
    const params = { w: new Float32Array(1), b: 0 }
    const [updates, state] = tx.update({ w: new Float32Array([3]), b: -3 }, tx.init(params), params)
    expect(updates).toStrictEqual({ w: Float32Array.of(1), b: -1 })
    expect(state).toStrictEqual({ count: 1, mu: { w: Float64Array.of(1.5), b: -1.5 } })
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.9, b2: 0.99, muDtype: undefined, mode: 'hard', smoothBeta: 1 } as const
    expectSame(scaleByLion(options), scaleByLion(), GOLDEN)
    expectSame(scaleByLion({ mode: 'smooth', smoothBeta: 1 }), scaleByLion({ mode: 'smooth' }), GOLDEN)
  })

  const make = (options: object) => () => scaleByLion(options as ScaleByLionOptions)
  refuses([
    ['scaleByLion: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByLion: b2 must be in [0, 1), got -1', make({ b2: -1 })],
    ['scaleByLion: mode must be one of "hard", "smooth", "refined", got "soft"', make({ mode: 'soft' })],
    ['scaleByLion: mode must be one of "hard", "smooth", "refined", got "toString"', make({ mode: 'toString' })],
    ['scaleByLion: smoothBeta must be a finite number > 0, got 0', make({ smoothBeta: 0 })],
    ['scaleByLion: muDtype must be one of "float32", "float64", "bfloat16", "float16", got 32', make({ muDtype: 32 })],
    ['scaleByLion: there is no option eps; there are b1, b2, muDtype, mode, smoothBeta', make({ eps: 1 })],
    [
      'scaleByLion: mode must be one of "hard", "smooth", "refined", got "medium"',
      // @ts-expect-error -- there is no such mode
      () => scaleByLion({ mode: 'medium' })
    ]
  ])
})
