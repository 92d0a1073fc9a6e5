import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exponentialDecay } from '../decay/exponentialDecay.js'
import { aLength, aStep, aValue, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type StepDecayScheduleOptions, stepDecaySchedule } from './stepDecaySchedule.js'

const aFactor = fc.double({ min: 0.01, max: 1.5, noNaN: true })
const someOptions = fc.record({ initValue: aValue, stepSize: aLength, gamma: aFactor })

describe('stepDecaySchedule', () => {
  test('is the exponential decay with staircase, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, stepSize: transitionSteps, gamma: decayRate } = options
        const stairs = exponentialDecay({ initValue, transitionSteps, decayRate, staircase: true })
        return Object.is(stepDecaySchedule(options)(step), stairs(step))
      })
    )
  })

  test('is the value multiplied by hand, once at each multiple of the step size', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(200), (options, step) => {
        let expected = options.initValue
        for (let t = 1; t <= step; t++) if (t % options.stepSize === 0) expected *= options.gamma
        return near(stepDecaySchedule(options)(step), expected, expected, 512)
      })
    )
  })

  test('is constant between multiples of the step size, also at fractional steps', () => {
    const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(someOptions, fc.nat(20), share, (options, k, p) => {
        const begin = k * options.stepSize
        const step = begin + p * options.stepSize
        const schedule = stepDecaySchedule(options)
        // The sum may be rounded up to the next multiple.
        return step >= begin + options.stepSize || Object.is(schedule(step), schedule(begin))
      })
    )
  })

  test('has the values of the textbook: 0.1, and a tenth of it every 30 epochs', () => {
    const schedule = stepDecaySchedule({ initValue: 0.1, stepSize: 30 })
    const expected = [0.1, 0.1, 0.1 * 0.1, 0.1 * 0.1, 0.1 * 0.1 ** 2]
    expect([0, 29, 30, 59, 60].map(schedule)).toStrictEqual(expected)
    expect([9, 10, 20].map(stepDecaySchedule({ initValue: 8, stepSize: 10, gamma: 0.5 }))).toStrictEqual([8, 4, 2])
  })

  test('grows with a factor above 1, and stays 0 where it begins at 0', () => {
    expect([0, 2, 4].map(stepDecaySchedule({ initValue: 1, stepSize: 2, gamma: 3 }))).toStrictEqual([1, 3, 9])
    expect(stepDecaySchedule({ initValue: 0, stepSize: 2, gamma: 3 })(1e9)).toBe(0)
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- stepSize is required
    expect(() => stepDecaySchedule({ initValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 1, stepSize: 4 }
  const make = (options: object) => () => stepDecaySchedule({ ...good, ...options } as StepDecayScheduleOptions)
  refuses([
    ['stepDecaySchedule: initValue must be a finite number, got NaN', make({ initValue: Number.NaN })],
    ['stepDecaySchedule: stepSize must be a whole number ≥ 1, got 0', make({ stepSize: 0 })],
    ['stepDecaySchedule: stepSize must be a whole number ≥ 1, got 2.5', make({ stepSize: 2.5 })],
    ['stepDecaySchedule: gamma must be a finite number > 0, got 0', make({ gamma: 0 })],
    ['stepDecaySchedule: gamma must be a finite number > 0, got -0.1', make({ gamma: -0.1 })],
    ['stepDecaySchedule: there is no option decayRate; there are initValue, stepSize, gamma', make({ decayRate: 0.5 })]
  ])
  refusesBadSteps('stepDecaySchedule', stepDecaySchedule(good))
})
