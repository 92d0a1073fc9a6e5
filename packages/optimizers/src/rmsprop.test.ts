import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByRms, scaleByStddev, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  aRate,
  average,
  expectGolden,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../../transforms/src/internal/testing/courses.js'
import { adam } from './adam.js'
import { type RmspropOptions, rmsprop } from './rmsprop.js'

const someOptions = fc.record({
  decay: aDecay,
  eps: anEps,
  initialScale: fc.constantFrom(0, 0.5, 3),
  epsInSqrt: fc.boolean(),
  biasCorrection: fc.boolean()
})

describe('rmsprop', () => {
  test('is −α g over the root of the weighted mean of past squares', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aDecay, anEps, (course, rate, decay, eps) =>
        expectOracle(
          rmsprop(rate, { decay, eps }),
          course,
          (history) => (-rate * last(history)) / Math.sqrt(average(history, decay, 2) + eps)
        )
      )
    )
  })

  test('is scaleByRms, or scaleByStddev when centered, then scaleByLearningRate and trace, with the options handed on', () => {
    const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
    fc.assert(
      fc.property(
        aCourse(),
        someOptions,
        aDecay,
        fc.boolean(),
        fc.boolean(),
        (course, options, decay, nesterov, centered) => {
          const scaled = centered ? scaleByStddev(options) : scaleByRms(options)
          expectSame(
            rmsprop(rate, { ...options, centered, momentum: decay, nesterov }),
            chain(scaled, scaleByLearningRate(rate), trace(decay, { nesterov })),
            course
          )
        }
      )
    )
  })

  test('takes momentum 0 for no momentum', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, nesterov) =>
        expectSame(rmsprop(0.1, { ...options, momentum: 0, nesterov }), rmsprop(0.1, { ...options, nesterov }), course)
      )
    )
  })

  test('is, with bias correction and eps outside the root, adam with b1 = 0', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aDecay, anEps, (course, rate, decay, eps) =>
        expectSame(
          rmsprop(rate, { decay, eps, epsInSqrt: false, biasCorrection: true }),
          adam(rate, { b1: 0, b2: decay, eps }),
          course
        )
      )
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(rmsprop(rate), rmsprop(constantSchedule(rate)), course)
      )
    )
  })

  test('is scaleByRms, trace, scaleByLearningRate when the learning rate is outside', () => {
    const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
    fc.assert(
      fc.property(aCourse(), someOptions, aDecay, fc.boolean(), (course, options, momentum, nesterov) => {
        const rest = { ...options, nesterov, lrPlacement: 'outside' as const }
        expectSame(
          rmsprop(rate, { ...rest, momentum }),
          chain(scaleByRms(options), trace(momentum, { nesterov }), scaleByLearningRate(rate)),
          course
        )
        expectSame(
          rmsprop(rate, { ...rest, momentum, centered: true }),
          chain(scaleByStddev(options), trace(momentum, { nesterov }), scaleByLearningRate(rate)),
          course
        )
        expectSame(rmsprop(rate, rest), rmsprop(rate, { ...rest, lrPlacement: 'inside' }), course)
      })
    )
  })

  test('does not care where a constant learning rate is placed, up to rounding', () => {
    fc.assert(
      fc.property(
        aCourse(),
        fc.constantFrom(0.25, 0.5, 1, 2),
        someOptions,
        fc.constantFrom(0, 0.5, 1),
        (course, rate, options, momentum) =>
          expectSame(
            rmsprop(rate, { ...options, momentum, lrPlacement: 'outside' }),
            rmsprop(rate, { ...options, momentum }),
            course
          )
      )
    )
  })

  test('has one form of state wherever the learning rate is', () => {
    const params = { w: 0 }
    const options = { decay: 0.75, eps: 0, momentum: 0.5 } as const
    const outside = rmsprop(0.5, { ...options, lrPlacement: 'outside' })
    expect(outside.update({ w: 2 }, rmsprop(0.5, options).init(params), params)).toStrictEqual([
      { w: -1 },
      [{ count: 1, nu: { w: 1 }, mu: null }, { count: 1 }, { count: 1, trace: { w: 2 } }]
    ])
  })

  test('has one type of state, with null in place of what it does not need', () => {
    const stateOf = (options: RmspropOptions) => {
      const tx = rmsprop(0.5, { ...options, decay: 0.5, eps: 0 })
      const params = { w: 0 }
      return tx.update({ w: 2 }, structuredClone(tx.init(params)), params)[1]
    }
    expect(stateOf({})).toStrictEqual([{ count: 1, nu: { w: 2 }, mu: null }, { count: 1 }, { count: 0, trace: null }])
    expect(stateOf({ centered: true, momentum: 0.9 })).toStrictEqual([
      { count: 1, mu: { w: 1 }, nu: { w: 2 } },
      { count: 1 },
      { count: 1, trace: { w: -1 } }
    ])
  })

  test('is what Optax gives', () => {
    expectGolden(rmsprop(0.1), [
      [-0.31622770277130374, 0.316227762063991, -0.3162277642600171],
      [-0.3015113384866256, -0.04130961867464755, 0.10482848309621116],
      [0.14199045601713442, 0.23414243983879143, -0.013799208526397173],
      [0, -0.11496056554806536, -0.26157168070910336]
    ])
    expectGolden(rmsprop(0.1, { centered: true, momentum: 0.9 }), [
      [-0.333333259259284, 0.33333332870370386, -0.33333333127572023],
      [-0.6277366881827737, 0.2572649537226613, -0.1934662034025993],
      [-0.42033046509412475, 0.48670095764374033, -0.18815503025404484],
      [-0.3782974185847123, 0.31971970023975727, -0.44959067793122787]
    ])
  })

  const make = (options: object) => () => rmsprop(0.1, options as RmspropOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => rmsprop(-1)],
    ['rmsprop: momentum must be in [0, 1], got -1', make({ momentum: -1 })],
    ['rmsprop: lrPlacement must be one of "outside", "inside", got 1', make({ lrPlacement: 1 })],
    ['rmsprop: centered must be true or false, got 1', make({ centered: 1 })],
    ['scaleByRms: decay must be in [0, 1), got 1', make({ decay: 1 })],
    ['scaleByStddev: decay must be in [0, 1), got 1', make({ decay: 1, centered: true })],
    ['trace: nesterov must be true or false, got 1', make({ nesterov: 1 })],
    [
      'rmsprop: there is no option alpha; there are decay, eps, initialScale, epsInSqrt, biasCorrection, muDtype, nuDtype, centered, momentum, nesterov, accumulatorDtype, lrPlacement',
      make({ alpha: 0.9 })
    ]
  ])
})
