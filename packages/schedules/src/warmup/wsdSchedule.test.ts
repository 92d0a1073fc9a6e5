import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cosineDecaySchedule } from '../decay/cosineDecaySchedule.js'
import { linearSchedule } from '../decay/linearSchedule.js'
import { aLength, aStep, aValue, aWait, between, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { cosineWarmupSchedule } from './cosineWarmupSchedule.js'
import { type WsdScheduleOptions, wsdSchedule } from './wsdSchedule.js'

const aShape = fc.constantFrom('linear' as const, 'cosine' as const, '1-sqrt' as const, '1-square' as const)
const aWarmup = fc.constantFrom('linear' as const, 'cosine' as const)
const someOptions = fc.record({
  peakValue: aValue,
  warmupSteps: aWait,
  stableSteps: aWait,
  decaySteps: aLength,
  initValue: aValue,
  endValue: aValue,
  decayShape: aShape,
  warmupShape: aWarmup
})

const scaleOf = ({ peakValue, initValue, endValue }: { peakValue: number; initValue: number; endValue: number }) =>
  Math.max(Math.abs(peakValue), Math.abs(initValue), Math.abs(endValue))

describe('wsdSchedule', () => {
  test('decays along the schedules that its shapes are named after', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { peakValue: initValue, endValue, decaySteps, decayShape } = options
        const line = { initValue, endValue, transitionSteps: decaySteps }
        const share = Math.min(step / decaySteps, 1)
        const expected = {
          linear: linearSchedule(line)(step),
          cosine: endValue + cosineDecaySchedule({ initValue: initValue - endValue, decaySteps })(step),
          '1-sqrt': initValue + (endValue - initValue) * share ** 0.5,
          '1-square': initValue + (endValue - initValue) * share * share
        }
        const value = wsdSchedule(options)(options.warmupSteps + options.stableSteps + step)
        // The sum of steps loses digits of a fractional step, which the square root magnifies near 0.
        return !Number.isInteger(step) || near(value, expected[decayShape], scaleOf(options), 16)
      })
    )
  })

  test('warms up in a straight line or along the cosine, bit for bit as those warmups do', () => {
    fc.assert(
      fc.property(someOptions, fc.constantFrom(0 as const, 1 as const), aStep, (options, warmupOffset, step) => {
        const { peakValue, warmupSteps, initValue, warmupShape } = options
        if (step >= warmupSteps) return true
        const value = wsdSchedule({ ...options, warmupOffset })(step)
        const cosine = cosineWarmupSchedule({ peakValue, warmupSteps, initValue, warmupOffset })
        const share = (step + warmupOffset) / warmupSteps
        const line = share >= 1 ? peakValue : (peakValue - initValue) * share + initValue
        return Object.is(value, warmupShape === 'cosine' ? cosine(step) : line)
      })
    )
  })

  test('no value before the decay depends on when it begins', () => {
    fc.assert(
      fc.property(someOptions, aWait, aStep, (options, more, step) => {
        if (step > options.warmupSteps + options.stableSteps) return true
        const longer = wsdSchedule({ ...options, stableSteps: options.stableSteps + more })
        return Object.is(longer(step), wsdSchedule(options)(step))
      })
    )
  })

  test('is between its three values, and has each where it says', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { peakValue, warmupSteps, stableSteps, decaySteps, initValue, endValue } = options
        const schedule = wsdSchedule(options)
        const low = Math.min(peakValue, initValue, endValue)
        const high = Math.max(peakValue, initValue, endValue)
        return (
          between(schedule(step), low, high) &&
          Object.is(schedule(warmupSteps), peakValue) &&
          Object.is(schedule(warmupSteps + stableSteps), peakValue) &&
          Object.is(schedule(warmupSteps + stableSteps + decaySteps + step), endValue)
        )
      })
    )
  })

  test('1-sqrt is nowhere above linear, and linear nowhere above 1-square', () => {
    fc.assert(
      fc.property(aLength, aStep, (decaySteps, step) => {
        const at = (decayShape: '1-sqrt' | 'linear' | '1-square') =>
          wsdSchedule({ peakValue: 1, warmupSteps: 0, stableSteps: 0, decaySteps, decayShape })(step)
        return at('1-sqrt') <= at('linear') && at('linear') <= at('1-square')
      })
    )
  })

  test('has the values worked out by hand', () => {
    const options = { peakValue: 8, warmupSteps: 4, stableSteps: 6, decaySteps: 16 }
    const steps = [0, 2, 4, 9, 10, 14, 26, 99]
    expect(steps.map(wsdSchedule(options))).toStrictEqual([0, 4, 8, 8, 8, 6, 0, 0])
    const sqrt = wsdSchedule({ ...options, decayShape: '1-sqrt', initValue: 4, endValue: 2, warmupOffset: 1 })
    expect(steps.map(sqrt)).toStrictEqual([5, 7, 8, 8, 8, 5, 2, 2])
    expect(wsdSchedule({ ...options, decayShape: '1-square' })(18)).toBe(6)
    expect(wsdSchedule({ ...options, decayShape: 'cosine' })(18)).toBeCloseTo(4, 14)
  })

  test('with parts of no steps jumps', () => {
    const options = { peakValue: 8, warmupSteps: 0, stableSteps: 0, decaySteps: 0, initValue: 1, endValue: 2 }
    expect(wsdSchedule(options)(0)).toBe(2)
    expect([0, 3, 4].map(wsdSchedule({ ...options, stableSteps: 4 }))).toStrictEqual([8, 8, 2])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- decaySteps is required
    expect(() => wsdSchedule({ peakValue: 1, warmupSteps: 1, stableSteps: 1 })).toThrow('got undefined')
  })

  const good = { peakValue: 1, warmupSteps: 4, stableSteps: 8, decaySteps: 4 }
  const make = (options: object) => () => wsdSchedule({ ...good, ...options } as WsdScheduleOptions)
  refuses([
    ['wsdSchedule: peakValue must be a finite number, got NaN', make({ peakValue: Number.NaN })],
    ['wsdSchedule: warmupSteps must be a whole number ≥ 0, got 0.1', make({ warmupSteps: 0.1 })],
    ['wsdSchedule: stableSteps must be a whole number ≥ 0, got -1', make({ stableSteps: -1 })],
    ['wsdSchedule: decaySteps must be a whole number ≥ 0, got Infinity', make({ decaySteps: Infinity })],
    ['wsdSchedule: initValue must be a finite number, got null', make({ initValue: null })],
    ['wsdSchedule: endValue must be a finite number, got Infinity', make({ endValue: Infinity })],
    [
      'wsdSchedule: decayShape must be one of "linear", "cosine", "1-sqrt", "1-square", got "sqrt"',
      make({ decayShape: 'sqrt' })
    ],
    ['wsdSchedule: warmupShape must be one of "linear", "cosine", got "1-sqrt"', make({ warmupShape: '1-sqrt' })],
    ['wsdSchedule: warmupOffset must be one of 0, 1, got -1', make({ warmupOffset: -1 })],
    [
      'wsdSchedule: there is no option minValue; there are peakValue, warmupSteps, stableSteps, decaySteps, initValue, endValue, decayShape, warmupShape, warmupOffset',
      make({ minValue: 0 })
    ]
  ])
  refusesBadSteps('wsdSchedule', wsdSchedule(good))
})
