import { describe, test } from 'vitest'
import { expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { type ScaleByAnoOptions, scaleByAno } from './scaleByAno.js'

describe('scaleByAno', () => {
  test.each([
    { b1: 0.8, b2: 0.9, eps: 0.01 },
    { b1: 0, b2: 0.5, eps: 1 }
  ])('has the direction of momentum and the length of the gradient with %o', ({ b1, b2, eps }) => {
    expectRule(
      scaleByAno({ b1, b2, eps }),
      each(() => {
        let [m, v] = [0, 0]
        return (g, t) => {
          m = b1 * m + (1 - b1) * g
          v -= (1 - b2) * Math.sign(v - g * g) * g * g
          return (Math.abs(g) * Math.sign(m)) / (Math.sqrt(v / (1 - b2 ** t)) + eps)
        }
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAno({ b1: 0.92, b2: 0.99, eps: 1e-8 }), scaleByAno(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAno({ muDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByAno({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAno(options as ScaleByAnoOptions)
  refuses([
    ['scaleByAno: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByAno: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })]
  ])
})
