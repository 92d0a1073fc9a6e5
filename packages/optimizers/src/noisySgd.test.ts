import { chain, random } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addNoise, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aRate, expectGolden, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { type NoisySgdOptions, noisySgd } from './noisySgd.js'
import { sgd } from './sgd.js'

const aSeed = fc.maxSafeInteger()

describe('noisySgd', () => {
  test('is addNoise, then scaleByLearningRate', () => {
    const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
    fc.assert(
      fc.property(aCourse(), aSeed, fc.constantFrom(0, 0.01, 2), fc.constantFrom(0, 0.55), (course, key, eta, gamma) =>
        expectSame(
          noisySgd(rate, { key, eta, gamma }),
          chain(addNoise({ eta, gamma, key }), scaleByLearningRate(rate)),
          course
        )
      )
    )
  })

  test('has η = 0.01 and γ = 0.55 by default', () => {
    fc.assert(
      fc.property(aCourse(), aSeed, (course, key) =>
        expectSame(noisySgd(0.5, { key }), noisySgd(0.5, { key, eta: 0.01, gamma: 0.55 }), course)
      )
    )
  })

  test('with η = 0 is sgd', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aSeed, (course, rate, key) =>
        expectSame(noisySgd(rate, { key, eta: 0 }), sgd(rate), course)
      )
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(noisySgd(rate, { key: 1 }), noisySgd(constantSchedule(rate), { key: random.key(1) }), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectGolden(noisySgd(0.1, { eta: 0.5, gamma: 1, key: 3 }), [
      [0.015653057707884842, 0.19874953029699832, -0.26079948790491625],
      [-0.24004627330866635, -0.01547885450099716, 0.0978571222198476],
      [0.07048283961672772, 0.2411937512061451, -0.021603726205647895],
      [-0.014943573406561526, -0.10665565810132366, -0.4315502735485298]
    ])
  })

  test('keeps the key in its state', () => {
    expect(noisySgd(0.1, { key: 3 }).init([1])).toStrictEqual([{ count: 0, rngKey: random.key(3) }, { count: 0 }])
  })

  const make = (options: object) => () => noisySgd(0.1, options as NoisySgdOptions)
  refuses([
    [
      'scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1',
      () => noisySgd(-1, { key: 0 })
    ],
    ['addNoise: key must be a key made by random.key or a whole number, got undefined', make({})],
    ['addNoise: eta must be a finite number ≥ 0, got -1', make({ key: 0, eta: -1 })],
    ['noisySgd: there is no option seed; there are key, eta, gamma', make({ seed: 0 })],
    ['noisySgd: options must be an object, got undefined', () => (noisySgd as (rate: number) => unknown)(0.1)]
  ])
})
