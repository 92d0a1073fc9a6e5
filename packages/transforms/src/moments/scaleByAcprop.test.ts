import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
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
import { type ScaleByAcpropOptions, scaleByAcprop } from './scaleByAcprop.js'

const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps, epsRoot: fc.oneof(fc.constant(0), anEps) })

/** How far each gradient was from the mean of those before it. */
const errorsOf = (history: readonly number[], b1: number) =>
  history.map((g, i) => g - average(history.slice(0, i), b1, 1))

describe('scaleByAcprop', () => {
  test('is the gradient over the root of the mean squared error of the forecasts before it', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, epsRoot }) => {
        const over = (history: readonly number[]) => {
          const before = errorsOf(history, b1).slice(0, -1)
          if (before.length === 0) return 1 + eps
          // What is added at every step is the average of a start that is added to 1 / (1 − β₂) times as much.
          return Math.sqrt(unbiased(before, b2, 2) + epsRoot / (1 - b2)) + eps
        }
        expectOracle(scaleByAcprop({ b1, b2, eps, epsRoot }), course, (h) => last(h) / over(h), { in32: false })
      })
    )
  })

  test('begins with the gradient as it is', () => {
    fc.assert(
      fc.property(aCourse(), ({ params, gradients }) => {
        const course = { params, gradients: gradients.slice(0, 1) }
        expectSame(scaleByAcprop({ eps: 0 }), chain(), course)
      })
    )
  })

  test('is odd in the gradient', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(chain(scale(-1), scaleByAcprop(options)), chain(scaleByAcprop(options), scale(-1)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAcprop({ b1: 0.9, b2: 0.999, eps: 1e-16, epsRoot: 1e-16 }), scaleByAcprop(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAcprop())
    expectDtypesKept(scaleByAcprop({ muDtype: 'bfloat16', nuDtype: 'float64' }))
    expectFloat32InChain(scaleByAcprop({ nuDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAcprop(options as ScaleByAcpropOptions)
  refuses([
    ['scaleByAcprop: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByAcprop: b2 must be in [0, 1), got -0.1', make({ b2: -0.1 })],
    ['scaleByAcprop: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByAcprop: epsRoot must be a finite number ≥ 0, got NaN', make({ epsRoot: Number.NaN })],
    [
      'scaleByAcprop: muDtype must be one of "float32", "float64", "bfloat16", "float16", got "half"',
      make({ muDtype: 'half' })
    ]
  ])
})
