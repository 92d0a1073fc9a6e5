import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  emitted,
  expectOracle,
  expectSame,
  refuses
} from '../internal/testing/courses.js'
import { expectSix } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { ema } from '../momentum/ema.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByAdaboundOptions, scaleByAdabound } from './scaleByAdabound.js'
import { scaleByAdam } from './scaleByAdam.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  finalScale: fc.constantFrom(0.01, 0.5, 100),
  gamma: fc.constantFrom(1e-3, 0.5, 10)
})

describe('scaleByAdabound', () => {
  test('is the mean of past updates times what Adam multiplies it by, between two bounds that close', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, finalScale, gamma }) =>
        expectOracle(scaleByAdabound({ b1, b2, eps, finalScale, gamma }), course, (history) => {
          const t = history.length
          const factor = Math.sqrt(1 - b2 ** t) / (1 - b1 ** t) / (Math.sqrt(average(history, b2, 2)) + eps)
          const least = (finalScale * gamma * t) / (gamma * t + 1)
          const most = (finalScale * (gamma * t + 1)) / (gamma * t)
          return Math.min(Math.max(factor, least), most) * average(history, b1, 1)
        })
      )
    )
  })

  // Not a package any more: the formulas of the authors' class, run in PyTorch.
  test("is what the authors' code gives", () => {
    expectSix(scaleByAdabound(), [
      [0.9999993675448677, -0.999999841886142, 0.9999998945907558],
      [0.9177809354149323, -0.5725344858577318, 0.4002185319145494],
      [0.36702626722972453, -0.7641808803065652, 0.33438378685092923],
      [0.3006455852344672, -0.3971475836748609, 0.6257916893418342],
      [0.34274791879051664, -0.3536300433529279, 0.23457089902347142],
      [-0.04814604416738355, -0.17844108257826224, 0.2897440606234963]
    ])
    // So large that what Adam multiplies by would be below the lower bound.
    expectSix(chain(scale(100), scaleByAdabound()), [
      [0.9999999936754447, -1.9980019980017079, 2.9970029970025616],
      [3.8922155688623774, -3.093812375249582, 3.39321357285438],
      [3.005982053838345, -10.154536390827046, 4.950149551345732],
      [3.6035856573705147, -8.18924302788844, 21.87051792828683],
      [5.542537313432686, -9.701243781094266, 12.142039800994697],
      [-1.1770675944333908, -6.291978131212688, 19.064582504970065]
    ])
    expectSix(scaleByAdabound({ b1: 0.7, b2: 0.8, eps: 0.1, finalScale: 0.9, gamma: 0.5 }), [
      [0.4050000000000001, -0.89943959607596, 0.9306345929329679],
      [0.8161764705882353, -0.4471179286229537, 0.28120259810217824],
      [0.21454890535475002, -0.7159195002787496, 0.22897911425650383],
      [0.1545075, -0.23928856894602119, 0.8327700000000001],
      [0.21434489999999998, -0.20741218065238676, 0.14243464285714275],
      [-0.27631860775153133, 0.043872274240547626, 0.30718946249999995]
    ])
  })

  test('is scaleByAdam while the bounds are wide', () => {
    const noZero = aCourse().map(({ params, gradients }) => ({
      params,
      gradients: gradients.map((row) => row.map((g) => g || 1))
    }))
    fc.assert(
      fc.property(noZero, aDecay, aDecay, (course, b1, b2) =>
        // Roots and corrections are taken in another order.
        expectSame(scaleByAdabound({ b1, b2, eps: 0, gamma: 1e-20 }), scaleByAdam({ b1, b2, eps: 0 }), course, 1e-13)
      )
    )
  })

  test('is, when the bounds have closed, finalScale times ema(b1) without its correction', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, b1) =>
        expectSame(
          scaleByAdabound({ b1, finalScale: 3, gamma: 1e18 }),
          chain(ema(b1, { debias: false }), scale(3)),
          course
        )
      )
    )
  })

  test('is 0 where all gradients have been 0, also with eps 0', () => {
    expect(emitted(scaleByAdabound({ eps: 0 }), { params: [0], gradients: [[0], [0]] })).toStrictEqual([[0], [0]])
  })

  momentLaws('scaleByAdabound', scaleByAdabound, {
    odd: someOptions,
    defaults: { b1: 0.9, b2: 0.999, eps: 1e-8, finalScale: 100, gamma: 1e-3 },
    decays: ['b1', 'b2'],
    nonNegative: ['eps']
  })

  const make = (options: object) => () => scaleByAdabound(options as ScaleByAdaboundOptions)
  refuses([
    ['scaleByAdabound: finalScale must be a finite number > 0, got 0', make({ finalScale: 0 })],
    ['scaleByAdabound: gamma must be a finite number > 0, got 0', make({ gamma: 0 })],
    [
      'scaleByAdabound: there is no option finalLr; there are b1, b2, eps, finalScale, gamma, muDtype, nuDtype',
      make({ finalLr: 0.1 })
    ]
  ])
})
