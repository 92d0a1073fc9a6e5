import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { scale } from '../scaling/scale.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByAdemamixOptions, scaleByAdemamix } from './scaleByAdemamix.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  b3: aDecay,
  alpha: fc.constantFrom(0, 0.5, 6),
  eps: anEps,
  epsRoot: fc.oneof(fc.constant(0), anEps)
})

const rising = linearSchedule({ initValue: 0, endValue: 6, transitionSteps: 3 })

describe('scaleByAdemamix', () => {
  test('is a fast mean of past updates and a slow one over the root of that of their squares', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, b3, alpha, eps, epsRoot }) => {
        const over = (history: readonly number[]) => Math.sqrt(unbiased(history, b2, 2) + epsRoot) + eps
        const mix = (history: readonly number[]) => unbiased(history, b1, 1) + alpha * average(history, b3, 1)
        expectOracle(
          scaleByAdemamix({ b1, b2, b3, alpha, eps, epsRoot }),
          course,
          (history) => mix(history) / over(history),
          { scale: (absolute, _, history) => mix(absolute) / over(history) }
        )
      })
    )
  })

  test('is scaleByAdam when the slow mean has no weight, to the bit', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b3, alpha: _, ...options }) =>
        expectSame(scaleByAdemamix({ ...options, b3, alpha: 0 }), scaleByAdam(options), course)
      )
    )
  })

  test('asks schedules for the number of updates that came before', () => {
    const seen: number[] = []
    const asked = (step: number) => {
      seen.push(step)
      return 0.5
    }
    expectSame(scaleByAdemamix({ b3: asked }), scaleByAdemamix({ b3: 0.5 }), SIX)
    expect([...new Set(seen)]).toStrictEqual([0, 1, 2, 3, 4, 5])
    expectSame(scaleByAdemamix({ alpha: constantSchedule(6) }), scaleByAdemamix(), SIX)
    // At first the weight of a schedule that rises from 0 is 0.
    const { params, gradients } = SIX
    expectSame(scaleByAdemamix({ alpha: rising }), scaleByAdam(), { params, gradients: gradients.slice(0, 1) })
  })

  test('is odd in the gradient', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(chain(scale(-1), scaleByAdemamix(options)), chain(scaleByAdemamix(options), scale(-1)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.9, b2: 0.999, b3: 0.9999, alpha: 6, eps: 1e-8, epsRoot: 0 }
    expectSame(scaleByAdemamix(options), scaleByAdemamix(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAdemamix())
    expectDtypesKept(scaleByAdemamix({ muDtype: 'bfloat16', nuDtype: 'float64' }))
    expectFloat32InChain(scaleByAdemamix({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAdemamix(options as ScaleByAdemamixOptions)
  const once = (options: object) => () => {
    const tx = scaleByAdemamix(options as ScaleByAdemamixOptions)
    tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })
  }
  refuses([
    ['scaleByAdemamix: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByAdemamix: b2 must be in [0, 1), got "0.9"', make({ b2: '0.9' })],
    ['scaleByAdemamix: b3 must be in [0, 1) or a schedule, got 1', make({ b3: 1 })],
    ['scaleByAdemamix: alpha must be a finite number or a schedule, got Infinity', make({ alpha: Infinity })],
    ['scaleByAdemamix: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByAdemamix: epsRoot must be a finite number ≥ 0, got -1', make({ epsRoot: -1 })],
    [
      'scaleByAdemamix: nuDtype must be one of "float32", "float64", "bfloat16", "float16", got 32',
      make({ nuDtype: 32 })
    ],
    [
      'scaleByAdemamix: the value of the schedule at step 0 must be a finite number, got NaN',
      once({ alpha: () => Number.NaN })
    ]
  ])
})
