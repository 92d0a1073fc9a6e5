import { chain } from '@gradchain/core'
import { constantSchedule, correctedDecay, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByLearningRate, scaleByLion } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aDyadic,
  aRate,
  average,
  emitted,
  expectGolden,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../../transforms/src/internal/testing/courses.js'
import { expectWaves } from '../../transforms/src/internal/testing/waves.js'
import { type LionOptions, lion } from './lion.js'

// Exact in every sum and product with dyadic gradients, so that no sign depends on rounding.
const aShare = fc.constantFrom(0, 0.25, 0.5, 0.75)

describe('lion', () => {
  test('is −α times the sign of the mix of gradient and momentum, and λ times the param', () => {
    fc.assert(
      fc.property(aCourse(aDyadic), aRate, aRate, aShare, aShare, (course, rate, weightDecay, b1, b2) =>
        expectOracle(
          lion(rate, { b1, b2, weightDecay }),
          course,
          (h, p) => -rate * (Math.sign(b1 * average(h.slice(0, -1), b2, 1) + (1 - b1) * last(h)) + weightDecay * p),
          { scale: (_, p) => rate * (1 + weightDecay * p) }
        )
      )
    )
  })

  test('is scaleByLion, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, fc.boolean(), (course, b1, b2, mask) =>
        expectSame(
          lion(rate, { b1, b2, weightDecay: rate, mask }),
          chain(scaleByLion({ b1, b2 }), addDecayedWeights(rate, { mask }), scaleByLearningRate(rate)),
          course
        )
      )
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aRate, (course, rate, weightDecay) =>
        expectSame(
          lion(rate, { weightDecay }),
          lion(constantSchedule(rate), { weightDecay: constantSchedule(weightDecay) }),
          course
        )
      )
    )
  })

  test('keeps its momentum in the dtype asked for', () => {
    expect(lion(0.1, { muDtype: 'float64' }).init([new Float32Array(1)])[0]).toStrictEqual({
      count: 0,
      mu: [new Float64Array(1)]
    })
  })

  test('is what Optax gives', () => {
    expectGolden(lion(0.1), [
      [-0.1001, 0.10020000000000001, -0.10005],
      [-0.1001, -0.0998, 0.09995000000000001],
      [0.0999, 0.10020000000000001, -0.10005],
      [-0.1001, -0.0998, -0.10005]
    ])
  })

  test('has the decay rates of Optax unless told otherwise', () => {
    // The second mix is 0.9 · 0.01 − 0.1 g: 0.009 − 0.0089, and 0.009 − 0.0091.
    const course = {
      params: [0, 0],
      gradients: [
        [1, 1],
        [-0.089, -0.091]
      ]
    }
    expect(emitted(lion(1), course)).toStrictEqual([
      [-1, -1],
      [-1, 1]
    ])
  })

  // timm 1.0.29, Lion(lr=0.1, weight_decay=0.5, corrected_weight_decay=True), the rate divided by 1 + t at t = 0, 1, 2, …
  test('with a corrected weight decay it is what timm gives', () => {
    const rate = (t: number) => 0.1 / (1 + t)
    const weightDecay = correctedDecay({ weightDecay: 0.5, learningRate: rate, maxLearningRate: 0.1 })
    expectWaves(lion(rate, { weightDecay }), [
      [0.375, 1.62],
      [0.42031250000000003, 1.5497500000000002],
      [0.4547132424181545, 1.4859938534180297]
    ])
  })

  const make = (options: object) => () => lion(0.1, options as LionOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => lion(-1)],
    ['lion: weightDecay must be a finite number ≥ 0 or a schedule, got NaN', make({ weightDecay: Number.NaN })],
    ['scaleByLion: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['lion: there is no option mode; there are b1, b2, muDtype, weightDecay, mask', make({ mode: 'hard' })]
  ])
})
