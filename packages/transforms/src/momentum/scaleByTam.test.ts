import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aCourse, expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { expectRule } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByTamOptions, scaleByTam } from './scaleByTam.js'

describe('scaleByTam', () => {
  test.each([
    { momentum: 0.7, decay: 0.6, eps: 0.1 },
    { momentum: 0, decay: 0, eps: 0 }
  ])('takes less of what points elsewhere with %o', ({ momentum, decay, eps }) => {
    expectRule(scaleByTam({ momentum, decay, eps }), (params) => {
      let m = params.map(() => 0)
      let s = 0
      return (g, t) => {
        const inner = g.reduce((sum, x, i) => sum + x * (m[i] as number), 0)
        s = decay * s + (t === 1 ? 0 : ((1 - decay) * inner) / (Math.hypot(...m) * Math.hypot(...g)))
        m = m.map((x, i) => momentum * x + (eps + (1 + s) / 2) * (g[i] as number))
        return m
      }
    })
  })

  test('is odd and homogeneous in the gradients', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(chain(scale(-0.25), scaleByTam()), chain(scaleByTam(), scale(-0.25)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByTam({ momentum: 0.9, decay: 0.9, eps: 1e-8 }), scaleByTam(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByTam({ accumulatorDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByTam({ accumulatorDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByTam(options as ScaleByTamOptions)
  refuses([
    ['scaleByTam: momentum must be in [0, 1), got 1', make({ momentum: 1 })],
    ['scaleByTam: decay must be in [0, 1), got 1', make({ decay: 1 })],
    ['scaleByTam: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })]
  ])
})
