import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, near, refuses, refusesBadSteps, rounding } from '../internal/testing.js'
import { exponentialDecay } from './exponentialDecay.js'
import { type NaturalExpDecayOptions, naturalExpDecay } from './naturalExpDecay.js'

const aRate = fc.double({ min: 0, max: 2, noNaN: true })
const someOptions = fc.record({
  initValue: aValue,
  decayRate: aRate,
  transitionSteps: aLength,
  staircase: fc.boolean()
})

describe('naturalExpDecay', () => {
  test('is the exponential decay by the factor e^(−λ), within rounding', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(200), (options, step) => {
        const { decayRate, ...rest } = options
        const factor = exponentialDecay({ ...rest, decayRate: Math.exp(-decayRate) })(step)
        // The rounding of e^(−λ) is raised to the power of the time.
        return near(naturalExpDecay(options)(step), factor, factor, 16 * (1 + step / options.transitionSteps))
      })
    )
  })

  test('is multiplied by e^(−λ) in every stretch of T steps', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(200), (options, step) => {
        const schedule = naturalExpDecay(options)
        const later = schedule(step + options.transitionSteps)
        const ulps = 16 * (2 + (options.decayRate * (step + 1)) / options.transitionSteps)
        return near(later, schedule(step) * Math.exp(-options.decayRate), later, ulps)
      })
    )
  })

  test('is monotone towards 0, which it never crosses', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const schedule = naturalExpDecay(options)
        const [early, late] = [schedule(Math.min(s, t)), schedule(Math.max(s, t))]
        return Math.abs(late) <= Math.abs(early) + rounding(early, 4) && late * options.initValue >= 0
      })
    )
  })

  test('is constant for a rate of 0, and has a unit of one step unless told otherwise', () => {
    fc.assert(fc.property(aValue, aStep, (v, t) => Object.is(naturalExpDecay({ initValue: v, decayRate: 0 })(t), v)))
    expect(naturalExpDecay({ initValue: 2, decayRate: 3 })(1)).toBe(2 * Math.exp(-3))
  })

  test('with staircase changes only every T steps', () => {
    const schedule = naturalExpDecay({ initValue: 1, decayRate: 0.5, transitionSteps: 4, staircase: true })
    expect([0, 3.9, 4, 7, 8].map(schedule)).toStrictEqual([1, 1, Math.exp(-0.5), Math.exp(-0.5), Math.exp(-1)])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- decayRate is required
    expect(() => naturalExpDecay({ initValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 1, decayRate: 0.5 }
  const make = (options: object) => () => naturalExpDecay({ ...good, ...options } as NaturalExpDecayOptions)
  refuses([
    ['naturalExpDecay: initValue must be a finite number, got NaN', make({ initValue: Number.NaN })],
    ['naturalExpDecay: decayRate must be a finite number ≥ 0, got -1', make({ decayRate: -1 })],
    ['naturalExpDecay: transitionSteps must be a whole number ≥ 1, got 0', make({ transitionSteps: 0 })],
    ['naturalExpDecay: staircase must be true or false, got 1', make({ staircase: 1 })],
    [
      'naturalExpDecay: there is no option rate; there are initValue, decayRate, transitionSteps, staircase',
      make({ rate: 1 })
    ]
  ])
  refusesBadSteps('naturalExpDecay', naturalExpDecay(good))
})
