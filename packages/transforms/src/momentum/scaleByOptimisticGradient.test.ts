import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aDyadic, emitted, expectOracle, expectSame, refuses } from '../internal/testing/courses.js'
import { expectSix } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByOptimisticGradientOptions, scaleByOptimisticGradient } from './scaleByOptimisticGradient.js'

const aWeight = fc.double({ min: -4, max: 4, noNaN: true }).map((x) => (Math.abs(x) < 1e-3 ? 0 : x))

describe('scaleByOptimisticGradient', () => {
  test('is α times the gradient and β times its change, with schedules read at steps 0, 1, 2, …', () => {
    fc.assert(
      fc.property(aCourse(), aWeight, aWeight, (course, a, b) => {
        const alpha = linearSchedule({ initValue: a, endValue: b, transitionSteps: 3 })
        const beta = linearSchedule({ initValue: b, endValue: 0, transitionSteps: 4 })
        expectOracle(
          scaleByOptimisticGradient({ alpha, beta }),
          course,
          (history) => {
            const t = history.length - 1
            const g = history[t] as number
            return alpha(t) * g + beta(t) * (t === 0 ? 0 : g - (history[t - 1] as number))
          },
          { scale: (history) => 10 * Math.max(...history) }
        )
      })
    )
  })

  test('is what Optax gives', () => {
    expectSix(scaleByOptimisticGradient(), [
      [0.5, -2, 3],
      [2.5, 2.5, -5],
      [-3, -4.25, 1.25],
      [0.75, 4, 7.875],
      [0.6, -1.2, -9],
      [-2.6999999999999997, 1.5, 4.5]
    ])
    expectSix(scaleByOptimisticGradient({ alpha: 0.7, beta: 0.4 }), [
      [0.35000000000000003, -1.4000000000000001, 2.1],
      [1.4500000000000002, 1.0750000000000002, -2.3000000000000003],
      [-1.4250000000000003, -2.3000000000000003, 0.5375000000000001],
      [0.30000000000000004, 1.9000000000000001, 4.3500000000000005],
      [0.33, -0.51, -4.35],
      [-1.44, 0.81, 2.1]
    ])
  })

  test('is scale(alpha) with beta 0', () => {
    fc.assert(
      fc.property(aCourse(), aWeight, (course, alpha) =>
        expectSame(scaleByOptimisticGradient({ alpha, beta: 0 }), scale(alpha), course)
      )
    )
  })

  test('is linear in the history of gradients, exactly for dyadic numbers', () => {
    const dyadic = fc.integer({ min: -8, max: 8 }).map((n) => n / 4)
    fc.assert(
      fc.property(aCourse(aDyadic), dyadic, dyadic, dyadic, (course, alpha, beta, factor) => {
        const tx = scaleByOptimisticGradient({ alpha, beta })
        expectSame(chain(scale(factor), tx), chain(tx, scale(factor)), course)
      })
    )
  })

  test('emits α g of equal gradients', () => {
    const found = emitted(scaleByOptimisticGradient({ alpha: 0.5, beta: 2 }), {
      params: [0, 0],
      gradients: new Array(3).fill([3, -0.25])
    })
    expect(found).toStrictEqual(new Array(3).fill([1.5, -0.125]))
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aWeight, aWeight, (course, alpha, beta) =>
        expectSame(
          scaleByOptimisticGradient({ alpha, beta }),
          scaleByOptimisticGradient({ alpha: constantSchedule(alpha), beta: constantSchedule(beta) }),
          course
        )
      )
    )
  })

  test('keeps the gradient in its state, in a buffer of its own', () => {
    const tx = scaleByOptimisticGradient()
    const params = { w: new Float32Array(1) }
    const grads = { w: Float32Array.of(3) }
    const [, state] = tx.update(grads, tx.init(params), params)
    grads.w[0] = 7
    expect(state).toStrictEqual({ count: 1, previousGradient: { w: Float32Array.of(3) } })
  })

  momentLaws('scaleByOptimisticGradient', scaleByOptimisticGradient, {
    defaults: { alpha: 1, beta: 1 },
    decays: [],
    nonNegative: []
  })

  const make = (options: object) => () => scaleByOptimisticGradient(options as ScaleByOptimisticGradientOptions)
  refuses([
    ['scaleByOptimisticGradient: alpha must be a finite number or a schedule, got NaN', make({ alpha: Number.NaN })],
    ['scaleByOptimisticGradient: beta must be a finite number or a schedule, got null', make({ beta: null })],
    [
      'scaleByOptimisticGradient: there is no option optimism; there are alpha, beta, accumulatorDtype',
      make({ optimism: 1 })
    ],
    [
      'scaleByOptimisticGradient: the value of the schedule at step 0 must be a finite number, got undefined',
      () => {
        // @ts-expect-error -- a schedule gives numbers
        const tx = scaleByOptimisticGradient({ beta: () => undefined })
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ]
  ])
})
