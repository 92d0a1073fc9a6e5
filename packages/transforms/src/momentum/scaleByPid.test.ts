import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  aCourse,
  aDecay,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  refuses
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByPidOptions, scaleByPid } from './scaleByPid.js'

describe('scaleByPid', () => {
  test.each([
    { integral: 2, derivative: 3, momentum: 0.8 },
    { integral: -0.5, derivative: 1, momentum: 0 }
  ])('is the gradient, the sum and the change of gradients with %o', ({ integral, derivative, momentum }) => {
    expectRule(
      scaleByPid({ integral, derivative, momentum }),
      each(() => {
        let [i, d, last] = [0, 0, 0]
        return (g, t) => {
          i = momentum * i + g
          d = momentum * d + (t === 1 ? 0 : (1 - momentum) * (g - last))
          last = g
          return g + integral * i + derivative * d
        }
      })
    )
  })

  test('with both weights 0 it is the identity', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, momentum) =>
        expectSame(scaleByPid({ integral: 0, derivative: 0, momentum }), scale(1), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByPid({ integral: 5, derivative: 10, momentum: 0.9 }), scaleByPid(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByPid({ accumulatorDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByPid({ accumulatorDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByPid(options as ScaleByPidOptions)
  refuses([
    ['scaleByPid: integral must be a finite number, got NaN', make({ integral: Number.NaN })],
    ['scaleByPid: derivative must be a finite number, got Infinity', make({ derivative: Infinity })],
    ['scaleByPid: momentum must be in [0, 1), got 1', make({ momentum: 1 })],
    [
      'scaleByPid: there is no option dampening; there are integral, derivative, momentum, accumulatorDtype',
      make({ dampening: 0 })
    ]
  ])
})
