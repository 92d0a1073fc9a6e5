import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  emitted,
  expectOracle,
  expectSame,
  near,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { expectSix } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByAdamaxOptions, scaleByAdamax } from './scaleByAdamax.js'

const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps, epsInMax: fc.boolean() })

/** The largest of the magnitudes, each with the weight βᵃ of its age a. */
const largest = (history: readonly number[], decay: number, eps: number): number =>
  Math.max(...history.map((g, i) => decay ** (history.length - 1 - i) * (Math.abs(g) + eps)))

describe('scaleByAdamax', () => {
  test('is the weighted mean of past updates over the largest of their decayed magnitudes', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, epsInMax }) =>
        expectOracle(
          scaleByAdamax({ b1, b2, eps, epsInMax }),
          course,
          (h) => unbiased(h, b1, 1) / (epsInMax ? largest(h, b2, eps) : largest(h, b2, 0) + eps)
        )
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(scaleByAdamax(), [
      [0.9999999800000003, -0.999999995, 0.9999999966666667],
      [0.6842105217543861, -0.4083030378404721, 0.2985441571981339],
      [0.24747995062713396, -0.6263837607057196, 0.20397478057817572],
      [0.17569287798399727, -0.29915055935879176, 0.39906222639402805],
      [0.1819082705359916, -0.23856019973752568, 0.1491412289617782],
      [-0.0281923082163317, -0.11291280287058467, 0.1708908368145601]
    ])
    expectSix(scaleByAdamax({ b1: 0.7, b2: 0.8, eps: 0.1 }), [
      [0.8333333333333334, -0.9523809523809523, 0.9677419354838709],
      [0.6801470588235294, -0.4026610644257703, 0.26091081593927884],
      [0.19442066210045655, -0.609915198956295, 0.20598578583001906],
      [0.1470819556849585, -0.22641606978361817, 0.44548544577431565],
      [0.24961224154601339, -0.20779188582143757, 0.08119710177304428],
      [-0.21003284668764738, 0.04992654213005938, 0.19656098883661438]
    ])
  })

  test('is what PyTorch gives', () => {
    expectSix(scaleByAdamax({ b1: 0.7, b2: 0.8, eps: 0.1 }), [
      [0.8333333333333334, -0.9523809523809523, 0.9677419354838709],
      [0.6801470588235295, -0.4026610644257703, 0.2609108159392789],
      [0.19442066210045664, -0.609915198956295, 0.2059857858300191],
      [0.14708195568495858, -0.22641606978361817, 0.44548544577431576],
      [0.24961224154601344, -0.20779188582143757, 0.08119710177304437],
      [-0.21003284668764738, 0.04992654213005934, 0.19656098883661452]
    ])
  })

  test('is blind to the scale of the gradient when eps = 0, exactly for powers of two', () => {
    const noZero = aCourse().map(({ params, gradients }) => ({
      params,
      gradients: gradients.map((row) => row.map((g) => g || 1))
    }))
    fc.assert(
      fc.property(noZero, aDecay, aDecay, fc.integer({ min: -8, max: 8 }), (course, b1, b2, power) => {
        const tx = scaleByAdamax({ b1, b2, eps: 0 })
        expectSame(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('emits ±1 at first when eps = 0, and never more when b1 = 0', () => {
    const [first = []] = emitted(scaleByAdamax({ eps: 0 }), { params: [0, 0, 0], gradients: [[1e-9, -3, 1e9]] })
    // g (1 − β₁) / (1 − β₁) rounds twice.
    expect(first.every((u, i) => near(u, [1, -1, 1][i] as number, 1, 1e-15))).toBe(true)
    fc.assert(
      fc.property(aCourse(), aDecay, anEps, (course, b2, eps) =>
        emitted(scaleByAdamax({ b1: 0, b2, eps }), course).every((row) => row.every((u) => Math.abs(u) <= 1))
      )
    )
  })

  momentLaws('scaleByAdamax', scaleByAdamax, {
    odd: someOptions,
    defaults: { b1: 0.9, b2: 0.999, eps: 1e-8 },
    decays: ['b1', 'b2'],
    nonNegative: ['eps']
  })

  const make = (options: object) => () => scaleByAdamax(options as ScaleByAdamaxOptions)
  refuses([
    ['scaleByAdamax: epsInMax must be true or false, got 1', make({ epsInMax: 1 })],
    [
      'scaleByAdamax: there is no option epsRoot; there are b1, b2, eps, epsInMax, muDtype, nuDtype',
      make({ epsRoot: 0 })
    ],
    // @ts-expect-error -- the options are one object
    ['scaleByAdamax: options must be an object, got 0.9', () => scaleByAdamax(0.9)]
  ])
})
