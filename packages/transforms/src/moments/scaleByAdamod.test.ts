import { describe, test } from 'vitest'
import { expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByAdamodOptions, scaleByAdamod } from './scaleByAdamod.js'

describe('scaleByAdamod', () => {
  test.each([
    { b1: 0.8, b2: 0.9, b3: 0.7, eps: 0.01 },
    { b1: 0.5, b2: 0.99, b3: 0, eps: 1 }
  ])('bounds step sizes by their mean with %o', ({ b1, b2, b3, eps }) => {
    expectRule(
      scaleByAdamod({ b1, b2, b3, eps }),
      each(() => {
        let [m, v, s] = [0, 0, 0]
        return (g, t) => {
          m = b1 * m + (1 - b1) * g
          v = b2 * v + (1 - b2) * g * g
          const size = 1 / (Math.sqrt(v / (1 - b2 ** t)) + eps)
          s = b3 * s + (1 - b3) * size
          return (Math.min(size, s) * m) / (1 - b1 ** t)
        }
      })
    )
  })

  test('is Adam when its mean is the last step size', () => {
    expectSame(scaleByAdamod({ b3: 0 }), scaleByAdam(), SIX, 1e-15)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAdamod({ b1: 0.9, b2: 0.999, b3: 0.999, eps: 1e-8 }), scaleByAdamod(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAdamod({ muDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByAdamod({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAdamod(options as ScaleByAdamodOptions)
  refuses([
    ['scaleByAdamod: b3 must be in [0, 1), got 1', make({ b3: 1 })],
    ['scaleByAdamod: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })]
  ])
})
