import { describe, test } from 'vitest'
import { expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { type ScaleByAdapnmOptions, scaleByAdapnm } from './scaleByAdapnm.js'

describe('scaleByAdapnm', () => {
  test.each([
    { b0: 0.7, b1: 0.8, b2: 0.9, eps: 0.01 },
    { b0: 0, b1: 0.5, b2: 0.5, eps: 1 }
  ])('is one momentum less the other, over the largest magnitude, with %o', ({ b0, b1, b2, eps }) => {
    expectRule(
      scaleByAdapnm({ b0, b1, b2, eps }),
      each(() => {
        const means = [0, 0]
        let [v, most] = [0, 0]
        return (g, t) => {
          const [own, other] = [t % 2, (t + 1) % 2]
          means[own] = b1 * b1 * (means[own] as number) + (1 - b1 * b1) * g
          v = b2 * v + (1 - b2) * g * g
          most = Math.max(most, v)
          const mixed = ((1 + b0) * (means[own] as number) - b0 * (means[other] as number)) / Math.hypot(1 + b0, b0)
          return mixed / (1 - b1 ** t) / (Math.sqrt(most / (1 - b2 ** t)) + eps)
        }
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAdapnm({ b0: 1, b1: 0.9, b2: 0.999, eps: 1e-8 }), scaleByAdapnm(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAdapnm({ muDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByAdapnm({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAdapnm(options as ScaleByAdapnmOptions)
  refuses([
    ['scaleByAdapnm: b0 must be a finite number ≥ 0, got -1', make({ b0: -1 })],
    ['scaleByAdapnm: b2 must be in [0, 1), got 1', make({ b2: 1 })]
  ])
})
