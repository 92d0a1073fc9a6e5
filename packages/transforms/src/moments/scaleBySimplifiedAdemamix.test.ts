import { chain } from '@gradchain/core'
import { constantSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  last,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { scale } from '../scaling/scale.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleBySimplifiedAdemamixOptions, scaleBySimplifiedAdemamix } from './scaleBySimplifiedAdemamix.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  alpha: fc.constantFrom(0, 0.5, 100),
  eps: anEps,
  epsRoot: fc.oneof(fc.constant(0), anEps)
})

/** Σ β₁ᵃ g over gradients of age a. */
const sumOf = (history: readonly number[], b1: number) =>
  history.reduce((sum, g, i) => sum + b1 ** (history.length - 1 - i) * g, 0)

describe('scaleBySimplifiedAdemamix', () => {
  test('is a decaying sum of past updates and the update over the root of the mean square', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, alpha, eps, epsRoot }) => {
        const over = (history: readonly number[]) => Math.sqrt(unbiased(history, b2, 2) + epsRoot) + eps
        const mix = (history: readonly number[]) => sumOf(history, b1) + alpha * last(history)
        expectOracle(
          scaleBySimplifiedAdemamix({ b1, b2, alpha, eps, epsRoot }),
          course,
          (history) => mix(history) / over(history),
          { scale: (absolute, _, history) => mix(absolute) / over(history) }
        )
      })
    )
  })

  test('is scaleByAdam without momentum when it has none itself, to the bit', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, anEps, (course, b2, eps) =>
        expectSame(scaleBySimplifiedAdemamix({ b1: 0, b2, eps }), scaleByAdam({ b1: 0, b2, eps }), course)
      )
    )
  })

  test('takes a weight that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(
          scaleBySimplifiedAdemamix({ alpha: 3 }),
          scaleBySimplifiedAdemamix({ alpha: constantSchedule(3) }),
          course
        )
      )
    )
  })

  test('is odd in the gradient', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(
          chain(scale(-1), scaleBySimplifiedAdemamix(options)),
          chain(scaleBySimplifiedAdemamix(options), scale(-1)),
          course
        )
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.99, b2: 0.95, alpha: 0, eps: 1e-8, epsRoot: 0 }
    expectSame(scaleBySimplifiedAdemamix(options), scaleBySimplifiedAdemamix(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleBySimplifiedAdemamix())
    expectDtypesKept(scaleBySimplifiedAdemamix({ muDtype: 'bfloat16', nuDtype: 'float64' }))
    expectFloat32InChain(scaleBySimplifiedAdemamix({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleBySimplifiedAdemamix(options as ScaleBySimplifiedAdemamixOptions)
  refuses([
    ['scaleBySimplifiedAdemamix: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleBySimplifiedAdemamix: b2 must be in [0, 1), got 2', make({ b2: 2 })],
    ['scaleBySimplifiedAdemamix: alpha must be a finite number or a schedule, got "1"', make({ alpha: '1' })],
    ['scaleBySimplifiedAdemamix: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleBySimplifiedAdemamix: epsRoot must be a finite number ≥ 0, got -1', make({ epsRoot: -1 })],
    [
      'scaleBySimplifiedAdemamix: muDtype must be one of "float32", "float64", "bfloat16", "float16", got 16',
      make({ muDtype: 16 })
    ]
  ])
})
