import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aCourse, expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { expectRule } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByAdaiOptions, scaleByAdai } from './scaleByAdai.js'

describe('scaleByAdai', () => {
  test.each([
    { b0: 0.3, b2: 0.9, eps: 0.05 },
    { b0: 2, b2: 0.5, eps: 0.25 }
  ])('is momentum that forgets by second moments over their mean, with %o', ({ b0, b2, eps }) => {
    expectRule(scaleByAdai({ b0, b2, eps }), (params) => {
      const [m, v, product] = [params.map(() => 0), params.map(() => 0), params.map(() => 1)]
      return (g, t) => {
        const hat = g.map((x, i) => {
          v[i] = b2 * (v[i] as number) + (1 - b2) * x * x
          return (v[i] as number) / (1 - b2 ** t)
        })
        const mean = hat.reduce((sum, x) => sum + x, 0) / hat.length
        return g.map((x, i) => {
          const decay = Math.min(Math.max(1 - (b0 * (hat[i] as number)) / mean, 0), 1 - eps)
          product[i] = (product[i] as number) * decay
          m[i] = decay * (m[i] as number) + (1 - decay) * x
          return m[i] / (1 - product[i])
        })
      }
    })
  })

  test('is odd and homogeneous in the gradients', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(chain(scale(-0.25), scaleByAdai()), chain(scaleByAdai(), scale(-0.25)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAdai({ b0: 0.1, b2: 0.99, eps: 1e-3 }), scaleByAdai(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAdai())
    expectFloat32InChain(scaleByAdai())
  })

  const make = (options: object) => () => scaleByAdai(options as ScaleByAdaiOptions)
  refuses([
    ['scaleByAdai: b0 must be a finite number ≥ 0, got -1', make({ b0: -1 })],
    ['scaleByAdai: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['scaleByAdai: eps must be in (0, 1], got 0', make({ eps: 0 })]
  ])
})
