import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDecayedWeights } from '../decay/addDecayedWeights.js'
import {
  aBlockCourse,
  type BlockOracle,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { masked } from '../selection/masked.js'
import { scaleByTrustRatio } from './scaleByTrustRatio.js'
import { type WithTrustRatioOptions, withTrustRatio } from './withTrustRatio.js'

const someOptions = fc.record({
  trustCoefficient: fc.constantFrom(0.5, 1, 1e-3),
  eps: fc.constantFrom(0, 1e-8, 1)
})
const aShare = fc.constantFrom(0, 0.25, 2)

describe('withTrustRatio', () => {
  test("with denominator 'sum' it is LARS: g + λ p at τ ‖p‖ over ‖g‖ + λ ‖p‖", () => {
    const last: (share: number, options: { trustCoefficient: number; eps: number }) => BlockOracle =
      (share, { trustCoefficient, eps }) =>
      (steps, shapes) => {
        const { grads, params } = steps[steps.length - 1] as (typeof steps)[number]
        return shapes.map((_, i) => {
          const [g, p] = [grads[i] as readonly number[], params[i] as readonly number[]]
          const [m, n] = [normOf(g), normOf(p)]
          const ratio = m === 0 || n === 0 ? 1 : (trustCoefficient * n) / (m + share * n + eps)
          return g.map((x, k) => ratio * (x + share * (p[k] as number)))
        })
      }
    fc.assert(
      fc.property(aBlockCourse(), someOptions, aShare, (course, options, share) =>
        expectBlockOracle(
          withTrustRatio(addDecayedWeights(share), { ...options, denominator: 'sum' }),
          course,
          last(share, options)
        )
      )
    )
  })

  test('else it is scaleByTrustRatio behind the inner transformation, masked', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, aShare, fc.boolean(), (course, options, share, mask) =>
        expectSameBlocks(
          withTrustRatio(addDecayedWeights(share), { ...options, mask }),
          chain(addDecayedWeights(share), masked(scaleByTrustRatio(options), mask)),
          course
        )
      )
    )
  })

  test('around the identity the denominators agree', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) =>
        expectSameBlocks(withTrustRatio(identity(), { denominator: 'sum' }), scaleByTrustRatio(), course)
      )
    )
  })

  test('is odd where inner is', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        const tx = withTrustRatio(scale(2), { denominator: 'sum' })
        expectSameBlocks(chain(scale(-1), tx), chain(tx, scale(-1)), course)
      })
    )
  })

  test('leaves params of zeros, gradients of zeros and what is not in the mask to the inner transformation', () => {
    const tx = withTrustRatio(addDecayedWeights(0.5), { denominator: 'sum', mask: { a: true, b: true, c: false } })
    const params = { a: 0, b: 2, c: 2 }
    expect(tx.update({ a: 3, b: 0, c: 3 }, tx.init(params), params)[0]).toStrictEqual({ a: 3, b: 1, c: 4 })
  })

  const make = (options: object) => () => withTrustRatio(identity(), options as WithTrustRatioOptions)
  refuses([
    ['withTrustRatio: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['withTrustRatio: trustCoefficient must be a finite number ≥ 0, got NaN', make({ trustCoefficient: NaN })],
    ['withTrustRatio: denominator must be one of "update", "sum", got "paper"', make({ denominator: 'paper' })],
    [
      'withTrustRatio: there is no option minNorm; there are trustCoefficient, eps, denominator, mask',
      make({ minNorm: 0 })
    ]
  ])
})
