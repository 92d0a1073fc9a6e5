import { describe, test } from 'vitest'
import { expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByPnmOptions, scaleByPnm } from './scaleByPnm.js'

describe('scaleByPnm', () => {
  test.each([
    { b0: 0.7, b1: 0.8 },
    { b0: 0, b1: 0.5 }
  ])('is one momentum less the other with %o', ({ b0, b1 }) => {
    expectRule(
      scaleByPnm({ b0, b1 }),
      each(() => {
        const means = [0, 0]
        return (g, t) => {
          const [own, other] = [t % 2, (t + 1) % 2]
          means[own] = b1 * b1 * (means[own] as number) + (1 - b1 * b1) * g
          const mixed = (1 + b0) * (means[own] as number) - b0 * (means[other] as number)
          return mixed / Math.hypot(1 + b0, b0)
        }
      })
    )
  })

  test('is the identity without decay and noise', () => {
    expectSame(scaleByPnm({ b0: 0, b1: 0 }), scale(1), SIX)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByPnm({ b0: 1, b1: 0.9 }), scaleByPnm(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByPnm({ accumulatorDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByPnm({ accumulatorDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByPnm(options as ScaleByPnmOptions)
  refuses([
    ['scaleByPnm: b0 must be a finite number ≥ 0, got -1', make({ b0: -1 })],
    ['scaleByPnm: b1 must be in [0, 1), got 1', make({ b1: 1 })]
  ])
})
