import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aDyadic, aLength, aStep, aValue, between, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type CyclicScheduleOptions, cyclicSchedule } from './cyclicSchedule.js'

const someOptions = fc.record({
  baseValue: aValue,
  maxValue: aValue,
  stepSizeUp: aLength,
  stepSizeDown: aLength
})
const aMode = fc.oneof(
  fc.constantFrom({ mode: 'triangular' as const }, { mode: 'triangular2' as const }),
  fc.record({ mode: fc.constant('expRange' as const), gamma: fc.double({ min: 0.5, max: 1, noNaN: true }) })
)
const scaleOf = ({ baseValue, maxValue }: { baseValue: number; maxValue: number }) =>
  Math.max(Math.abs(baseValue), Math.abs(maxValue))

describe('cyclicSchedule', () => {
  test('is the formula of the paper: how near the step is to the top of its triangle', () => {
    // 1 − |t / u − 2 · cycle + 1|, for triangles with two equal sides.
    fc.assert(
      fc.property(someOptions, aMode, fc.nat(500), ({ baseValue, maxValue, stepSizeUp }, mode, step) => {
        const cycle = Math.floor(1 + step / (2 * stepSizeUp))
        const near1 = Math.max(0, 1 - Math.abs(step / stepSizeUp - 2 * cycle + 1))
        const height = { triangular: 1, triangular2: 1 / 2 ** (cycle - 1), expRange: 0 }[mode.mode]
        const scale = mode.mode === 'expRange' ? mode.gamma ** step : height
        const expected = baseValue + (maxValue - baseValue) * near1 * scale
        const value = cyclicSchedule({ baseValue, maxValue, stepSizeUp, ...mode })(step)
        // The share is a small difference of numbers as large as step / u.
        return near(value, expected, scaleOf({ baseValue, maxValue }), 16 + (8 * step) / stepSizeUp)
      })
    )
  })

  test('is at its foot at every multiple of the period, and between its two values', () => {
    fc.assert(
      fc.property(someOptions, aMode, fc.nat(50), aStep, (options, mode, k, step) => {
        const schedule = cyclicSchedule({ ...options, ...mode })
        const foot = schedule(k * (options.stepSizeUp + options.stepSizeDown))
        return foot === options.baseValue && between(schedule(step), options.baseValue, options.maxValue)
      })
    )
  })

  test('triangular has the period u + d, bit for bit, and its top at u', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(50), fc.nat(200), (options, k, step) => {
        const schedule = cyclicSchedule(options)
        const period = options.stepSizeUp + options.stepSizeDown
        const top = schedule(k * period + options.stepSizeUp)
        return Object.is(schedule(step), schedule(step + k * period)) && near(top, options.maxValue, scaleOf(options))
      })
    )
  })

  test('triangular2 halves the height at every cycle, bit for bit where the arithmetic is exact', () => {
    fc.assert(
      fc.property(aDyadic, aDyadic, fc.nat(20), fc.nat(15), (baseValue, maxValue, k, q) => {
        const options = { baseValue, maxValue, stepSizeUp: 4, stepSizeDown: 4, mode: 'triangular2' } as const
        const schedule = cyclicSchedule(options)
        return schedule(8 * k + q) - baseValue === 2 * (schedule(8 * (k + 1) + q) - baseValue)
      })
    )
  })

  test('expRange with γ = 1 is triangular; γ counts the steps since the beginning, not those of the cycle', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) =>
        Object.is(cyclicSchedule({ ...options, mode: 'expRange' })(step), cyclicSchedule(options)(step))
      )
    )
    const options = { baseValue: 0, maxValue: 1, stepSizeUp: 1, stepSizeDown: 2 } as const
    const fading = cyclicSchedule({ ...options, mode: 'expRange', gamma: 0.5 })
    expect([1, 4, 7].map(fading)).toStrictEqual([2 ** -1, 2 ** -4, 2 ** -7])
  })

  test('exchanging foot and top turns it upside down', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { baseValue, maxValue } = options
        const flipped = cyclicSchedule({ ...options, baseValue: maxValue, maxValue: baseValue })(step)
        return near(cyclicSchedule(options)(step) + flipped, baseValue + maxValue, scaleOf(options))
      })
    )
  })

  test('has the values worked out by hand', () => {
    const options = { baseValue: 1, maxValue: 9, stepSizeUp: 4, stepSizeDown: 8 }
    const steps = [0, 1, 4, 5, 8, 12, 16, 20]
    expect(steps.map(cyclicSchedule(options))).toStrictEqual([1, 3, 9, 8, 5, 1, 9, 5])
    const halved = cyclicSchedule({ ...options, mode: 'triangular2' })
    expect(steps.map(halved)).toStrictEqual([1, 3, 9, 8, 5, 1, 5, 3])
  })

  test('takes 2000 steps up and as many down unless told otherwise', () => {
    const schedule = cyclicSchedule({ baseValue: 0, maxValue: 1 })
    expect([1000, 2000, 3000, 4000].map(schedule)).toStrictEqual([0.5, 1, 0.5, 0])
    const even = cyclicSchedule({ baseValue: 0, maxValue: 1, stepSizeUp: 2 })
    expect([1, 2, 3, 4].map(even)).toStrictEqual([0.5, 1, 0.5, 0])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- maxValue is required
    expect(() => cyclicSchedule({ baseValue: 1 })).toThrow('got undefined')
  })

  const good = { baseValue: 0, maxValue: 1, stepSizeUp: 4 }
  const make = (options: object) => () => cyclicSchedule({ ...good, ...options } as CyclicScheduleOptions)
  refuses([
    ['cyclicSchedule: baseValue must be a finite number, got NaN', make({ baseValue: Number.NaN })],
    ['cyclicSchedule: maxValue must be a finite number, got Infinity', make({ maxValue: Infinity })],
    ['cyclicSchedule: stepSizeUp must be a whole number ≥ 1, got 0', make({ stepSizeUp: 0 })],
    ['cyclicSchedule: stepSizeDown must be a whole number ≥ 1, got 1.5', make({ stepSizeDown: 1.5 })],
    [
      'cyclicSchedule: mode must be one of "triangular", "triangular2", "expRange", got "exp_range"',
      make({ mode: 'exp_range' })
    ],
    ["cyclicSchedule: gamma must be left out where the mode is not 'expRange', got 0.5", make({ gamma: 0.5 })],
    ['cyclicSchedule: gamma must be in (0, 1], got 1.01', make({ mode: 'expRange', gamma: 1.01 })],
    ['cyclicSchedule: gamma must be in (0, 1], got 0', make({ mode: 'expRange', gamma: 0 })],
    [
      'cyclicSchedule: there is no option scaleFn; there are baseValue, maxValue, stepSizeUp, stepSizeDown, mode, gamma',
      make({ scaleFn: Math.sin })
    ]
  ])
  refusesBadSteps('cyclicSchedule', cyclicSchedule(good))
})
