import { describe, test } from 'vitest'
import { expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { type ScaleByDiffgradOptions, scaleByDiffgrad } from './scaleByDiffgrad.js'

describe('scaleByDiffgrad', () => {
  test.each([
    { b1: 0.8, b2: 0.9, eps: 0.01 },
    { b1: 0, b2: 0.5, eps: 1 }
  ])('is Adam times the friction of the change with %o', ({ b1, b2, eps }) => {
    expectRule(
      scaleByDiffgrad({ b1, b2, eps }),
      each(() => {
        let [m, v, last] = [0, 0, 0]
        return (g, t) => {
          m = b1 * m + (1 - b1) * g
          v = b2 * v + (1 - b2) * g * g
          const friction = 1 / (1 + Math.exp(-Math.abs(last - g)))
          last = g
          return (friction * (m / (1 - b1 ** t))) / (Math.sqrt(v / (1 - b2 ** t)) + eps)
        }
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByDiffgrad({ b1: 0.9, b2: 0.999, eps: 1e-8 }), scaleByDiffgrad(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByDiffgrad({ muDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByDiffgrad({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByDiffgrad(options as ScaleByDiffgradOptions)
  refuses([
    ['scaleByDiffgrad: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByDiffgrad: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })]
  ])
})
