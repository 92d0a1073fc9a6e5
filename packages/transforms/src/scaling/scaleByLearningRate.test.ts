import { constantSchedule, exponentialDecay, type Schedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aRate, expectOracle, expectSame, last, refuses } from '../internal/testing/courses.js'
import { type ScaleByLearningRateOptions, scaleByLearningRate } from './scaleByLearningRate.js'
import { scaleBySchedule } from './scaleBySchedule.js'

describe('scaleByLearningRate', () => {
  test('multiplies by −α, and by +α when the sign is not to be flipped', () => {
    fc.assert(
      fc.property(aCourse(), aRate, fc.boolean(), (course, rate, flipSign) =>
        expectOracle(scaleByLearningRate(rate, { flipSign }), course, (h) => (flipSign ? -rate : rate) * last(h))
      )
    )
  })

  test('flips the sign unless told otherwise', () => {
    const tx = scaleByLearningRate(0.5)
    expect(tx.update({ w: 4 }, tx.init({ w: 0 }), { w: 0 })).toStrictEqual([{ w: -2 }, { count: 1 }])
  })

  test('takes a number for its constant schedule, bit for bit, with the same state', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(scaleByLearningRate(rate), scaleByLearningRate(constantSchedule(rate)), course)
      )
    )
    expect(scaleByLearningRate(0.1).init({ w: 0 })).toStrictEqual(scaleByLearningRate((t) => t).init({ w: 0 }))
  })

  test('is scaleBySchedule when the sign is not flipped, and of the negative schedule when it is', () => {
    const rate: Schedule = exponentialDecay({ initValue: 0.3, transitionSteps: 2, decayRate: 0.7 })
    fc.assert(
      fc.property(aCourse(), (course) => {
        expectSame(scaleByLearningRate(rate, { flipSign: false }), scaleBySchedule(rate), course)
        expectSame(
          scaleByLearningRate(rate),
          scaleBySchedule((step) => -rate(step)),
          course
        )
      })
    )
  })

  const make = (options: object) => () => scaleByLearningRate(0.1, options as ScaleByLearningRateOptions)
  const bad = (rate: unknown) => () => scaleByLearningRate(rate as number)
  const what = 'scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule'
  refuses([
    [`${what}, got -0.1`, bad(-0.1)],
    [`${what}, got NaN`, bad(Number.NaN)],
    [`${what}, got Infinity`, bad(Infinity)],
    [`${what}, got null`, bad(null)],
    // @ts-expect-error -- the learning rate is required
    [`${what}, got undefined`, () => scaleByLearningRate()],
    ['scaleByLearningRate: flipSign must be true or false, got 1', make({ flipSign: 1 })],
    ['scaleByLearningRate: there is no option sign; there are flipSign', make({ sign: true })],
    [
      'scaleByLearningRate: the value of the schedule at step 0 must be a finite number, got undefined',
      () => scaleByLearningRate((() => undefined) as unknown as Schedule).update({ w: 1 }, { count: 0 }, { w: 1 })
    ]
  ])
})
