import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  refuses
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByAdamAtan2Options, scaleByAdamAtan2 } from './scaleByAdamAtan2.js'

describe('scaleByAdamAtan2', () => {
  test.each([
    { b1: 0.8, b2: 0.95, a: 1.27, b: 0.5 },
    { b1: 0, b2: 0, a: 1, b: 1 }
  ])('is the angle of both moments with %o', ({ b1, b2, a, b }) => {
    expectRule(
      scaleByAdamAtan2({ b1, b2, a, b }),
      each(() => {
        let [m, v] = [0, 0]
        return (g, t) => {
          m = b1 * m + (1 - b1) * g
          v = b2 * v + (1 - b2) * g * g
          return a * Math.atan2(m / (1 - b1 ** t), b * Math.sqrt(v / (1 - b2 ** t)))
        }
      })
    )
  })

  test('with large a = b it is Adam without an eps', () => {
    // The tangent of a small angle is the angle up to its cube.
    expectSame(scaleByAdamAtan2({ a: 1e4, b: 1e4 }), scaleByAdam({ eps: 1e-30 }), SIX, 1e-7)
  })

  test('is bounded, odd, and blind to the scale of gradients', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, (course, b1, b2) => {
        const tx = scaleByAdamAtan2({ b1, b2 })
        expect(
          emitted(tx, course)
            .flat()
            .every((u) => Math.abs(u) <= Math.PI / 2)
        ).toBe(true)
        expectSame(chain(scale(-0.25), tx), chain(tx, scale(-1)), course)
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAdamAtan2({ b1: 0.9, b2: 0.999, a: 1, b: 1 }), scaleByAdamAtan2(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAdamAtan2({ muDtype: 'bfloat16', nuDtype: 'float64' }))
    expectFloat32InChain(scaleByAdamAtan2({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAdamAtan2(options as ScaleByAdamAtan2Options)
  refuses([
    ['scaleByAdamAtan2: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByAdamAtan2: b2 must be in [0, 1), got -1', make({ b2: -1 })],
    ['scaleByAdamAtan2: a must be a finite number, got NaN', make({ a: Number.NaN })],
    ['scaleByAdamAtan2: b must be a finite number > 0, got 0', make({ b: 0 })],
    [
      'scaleByAdamAtan2: muDtype must be one of "float32", "float64", "bfloat16", "float16", got 32',
      make({ muDtype: 32 })
    ],
    ['scaleByAdamAtan2: there is no option eps; there are b1, b2, a, b, muDtype, nuDtype', make({ eps: 1 })]
  ])
})
