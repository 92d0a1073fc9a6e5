import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aDyadic,
  aLength,
  aStep,
  aValue,
  aWait,
  between,
  expectGolden,
  refuses,
  refusesBadSteps
} from '../internal/testing.js'
import { type LinearScheduleOptions, linearSchedule } from './linearSchedule.js'
import { polynomialSchedule } from './polynomialSchedule.js'

const someOptions = fc.record({ initValue: aValue, endValue: aValue, transitionSteps: aLength, transitionBegin: aWait })

describe('linearSchedule', () => {
  test('is I + (E − I)(t − B)/T on the way, bit for bit where the arithmetic is exact', () => {
    // Eighths and a transition of 2, 4, 8 or 16 steps: every operation is exact.
    fc.assert(
      fc.property(aDyadic, aDyadic, fc.integer({ min: 1, max: 4 }), aWait, fc.nat(16), (I, E, log, B, elapsed) => {
        const T = 2 ** log
        fc.pre(elapsed <= T)
        const schedule = linearSchedule({ initValue: I, endValue: E, transitionSteps: T, transitionBegin: B })
        return schedule(B + elapsed) === I + ((E - I) * elapsed) / T
      })
    )
  })

  test('is the polynomial schedule of power 1, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) =>
        Object.is(linearSchedule(options)(step), polynomialSchedule({ ...options, power: 1 })(step))
      )
    )
  })

  test('is between I and E, and monotone without exception', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const schedule = linearSchedule(options)
        const [early, late] = [schedule(Math.min(s, t)), schedule(Math.max(s, t))]
        const rising = options.initValue <= options.endValue
        return between(early, options.initValue, options.endValue) && (rising ? early <= late : early >= late)
      })
    )
  })

  test('holds (I − E) + E up to B, and E exactly from B + T on', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, endValue, transitionSteps, transitionBegin } = options
        const schedule = linearSchedule(options)
        const before = schedule(Math.min(step, transitionBegin))
        const after = schedule(transitionBegin + transitionSteps + step)
        return Object.is(before, initValue - endValue + endValue) && Object.is(after, endValue)
      })
    )
  })

  test('jumps to E at B when the transition has no steps', () => {
    const jump = linearSchedule({ initValue: 1, endValue: 2, transitionSteps: 0, transitionBegin: 5 })
    expect([jump(0), jump(4.5), jump(5), jump(1e15)]).toStrictEqual([1, 1, 2, 2])
    expect(linearSchedule({ initValue: 1, endValue: 2, transitionSteps: 0 })(0)).toBe(2)
  })

  test('begins at step 0 unless told otherwise', () => {
    expect(linearSchedule({ initValue: 0, endValue: 4, transitionSteps: 4 })(1)).toBe(1)
  })

  test('is what Optax gives', () => {
    expectGolden(linearSchedule({ initValue: 0.1, endValue: 0.7, transitionSteps: 6, transitionBegin: 2 }), [
      [0, 0.09999999999999998],
      [2, 0.09999999999999998],
      [3, 0.19999999999999996],
      [5, 0.39999999999999997],
      [7, 0.6],
      [8, 0.7],
      [9, 0.7]
    ])
  })

  test('has the very bits of Optax before its beginning', () => {
    expect(linearSchedule({ initValue: 0.1, endValue: 0.7, transitionSteps: 6 })(0)).toBe(0.09999999999999998)
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- endValue is required
    expect(() => linearSchedule({ initValue: 0, transitionSteps: 4 })).toThrow('got undefined')
    // @ts-expect-error -- the options are required
    expect(() => linearSchedule()).toThrow('got undefined')
    // @ts-expect-error -- the options are one object
    expect(() => linearSchedule(0, 1, 4)).toThrow('got 0')
  })

  const good = { initValue: 1, endValue: 0, transitionSteps: 4 }
  const make = (options: object) => () => linearSchedule({ ...good, ...options } as LinearScheduleOptions)
  refuses([
    ['linearSchedule: initValue must be a finite number, got undefined', make({ initValue: undefined })],
    ['linearSchedule: endValue must be a finite number, got undefined', make({ endValue: undefined })],
    ['linearSchedule: endValue must be a finite number, got NaN', make({ endValue: Number.NaN })],
    ['linearSchedule: transitionSteps must be a whole number ≥ 0, got undefined', make({ transitionSteps: undefined })],
    ['linearSchedule: transitionSteps must be a whole number ≥ 0, got -4', make({ transitionSteps: -4 })],
    ['linearSchedule: transitionSteps must be a whole number ≥ 0, got Infinity', make({ transitionSteps: Infinity })],
    ['linearSchedule: transitionBegin must be a whole number ≥ 0, got -1', make({ transitionBegin: -1 })],
    ['linearSchedule: transitionBegin must be a whole number ≥ 0, got 0.5', make({ transitionBegin: 0.5 })],
    [
      'linearSchedule: there is no option power; there are initValue, endValue, transitionSteps, transitionBegin',
      make({ power: 2 })
    ],
    [
      'linearSchedule: options must be an object, got null',
      () => linearSchedule(null as unknown as LinearScheduleOptions)
    ]
  ])
  refusesBadSteps('linearSchedule', linearSchedule(good))
})
