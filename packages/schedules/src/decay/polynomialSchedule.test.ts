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
  near,
  refuses,
  refusesBadSteps
} from '../internal/testing.js'
import { type PolynomialScheduleOptions, polynomialSchedule } from './polynomialSchedule.js'

const someOptions = fc.record({
  initValue: aValue,
  endValue: aValue,
  power: fc.double({ min: 0.1, max: 6, noNaN: true }),
  transitionSteps: aLength,
  transitionBegin: aWait
})

describe('polynomialSchedule', () => {
  test('is (I − E)(1 − s)ᴾ + E, bit for bit where the arithmetic is exact', () => {
    // Eighths, a transition of 2, 4, 8 or 16 steps and a power of at most 3: every operation is exact.
    fc.assert(
      fc.property(
        aDyadic,
        aDyadic,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 4 }),
        aWait,
        fc.nat(64),
        (initValue, endValue, power, log, transitionBegin, step) => {
          const transitionSteps = 2 ** log
          const stepsLeft = transitionBegin + transitionSteps - Math.max(step, transitionBegin)
          let curve = initValue - endValue
          for (let i = 0; i < power; i++) curve *= Math.max(stepsLeft, 0) / transitionSteps
          const schedule = polynomialSchedule({ initValue, endValue, power, transitionSteps, transitionBegin })
          return schedule(step) === curve + endValue
        }
      )
    )
  })

  test('is E + (I − E) exp(P ln (1 − s)) within rounding', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, endValue, power, transitionSteps, transitionBegin } = options
        const share = Math.min(Math.max(step - transitionBegin, 0) / transitionSteps, 1)
        const expected = endValue + (initValue - endValue) * Math.exp(power * Math.log(1 - share))
        // P ln(1 − s) is below 6 · 37 wherever its exponential counts, and its rounding is multiplied by as much.
        const scale = Math.abs(initValue) + Math.abs(endValue)
        return near(polynomialSchedule(options)(step), expected, scale, 32)
      })
    )
  })

  test('is between I and E, and monotone', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const schedule = polynomialSchedule(options)
        const [early, late] = [schedule(Math.min(s, t)), schedule(Math.max(s, t))]
        const { initValue, endValue } = options
        // pow is monotone only up to its last place, so the order is, too.
        return between(early, initValue, endValue) && between(late, early, endValue)
      })
    )
  })

  test('holds (I − E) + E up to B, and E exactly from B + T on', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, endValue, transitionSteps, transitionBegin } = options
        const schedule = polynomialSchedule(options)
        const before = schedule(Math.min(step, transitionBegin))
        const after = schedule(transitionBegin + transitionSteps + step)
        return Object.is(before, initValue - endValue + endValue) && Object.is(after, endValue)
      })
    )
  })

  test('jumps to E at B when the transition has no steps', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const schedule = polynomialSchedule({ ...options, transitionSteps: 0 })
        const { initValue, endValue, transitionBegin } = options
        return Object.is(schedule(step), step < transitionBegin ? initValue - endValue + endValue : endValue)
      })
    )
  })

  test('begins at step 0 unless told otherwise', () => {
    const options = { initValue: 3, endValue: 1, power: 2, transitionSteps: 4 }
    expect(polynomialSchedule(options)(1)).toBe(2.125)
    expect(polynomialSchedule({ ...options, transitionBegin: 0 })(1)).toBe(2.125)
  })

  test('is what Optax gives', () => {
    expectGolden(
      polynomialSchedule({ initValue: 0.3, endValue: -0.05, power: 2.5, transitionSteps: 7, transitionBegin: 3 }),
      [
        [0, 0.3],
        [3, 0.3],
        [4, 0.188068025655799],
        [6, 0.03639187954496621],
        [9, -0.047300253764219806],
        [10, -0.05],
        [11, -0.05],
        [1000, -0.05]
      ]
    )
    expectGolden(polynomialSchedule({ initValue: 0.01, endValue: 1.3, power: 3, transitionSteps: 9 }), [
      [0, 0.010000000000000009],
      [1, 0.3939917695473252],
      [4, 1.07880658436214],
      [8, 1.2982304526748971],
      [9, 1.3],
      [50, 1.3]
    ])
  })

  test('in cycles it is what Keras 3.15 gives', () => {
    const schedule = polynomialSchedule({ initValue: 1, endValue: 0.1, power: 1, transitionSteps: 10, cycle: true })
    expectGolden(schedule, [
      [0, 1],
      [10, 0.1],
      [11, 0.505],
      [20, 0.1],
      [21, 0.37]
    ])
    const late = polynomialSchedule({
      initValue: 1,
      endValue: 0,
      power: 2,
      transitionSteps: 4,
      transitionBegin: 3,
      cycle: true
    })
    expect([0, 3, 5, 7, 9, 11, 12].map(late)).toStrictEqual([1, 1, 0.25, 0, 0.0625, 0, (3 / 12) ** 2])
    const jump = polynomialSchedule({
      initValue: 1,
      endValue: 0,
      power: 1,
      transitionSteps: 0,
      transitionBegin: 3,
      cycle: true
    })
    expect([0, 2, 3, 4].map(jump)).toStrictEqual([1, 1, 0, 0])
  })

  test('with kDecay it is what timm 1.0.29 gives', () => {
    const options = { initValue: 1, endValue: 0.1, power: 2, transitionSteps: 10 }
    expectGolden(polynomialSchedule({ ...options, kDecay: 2 }), [
      [0, 1.0],
      [1, 0.98209],
      [5, 0.60625],
      [9, 0.13249],
      [10, 0.1],
      [11, 0.1]
    ])
    fc.assert(
      fc.property(aStep, (step) => {
        const slow = polynomialSchedule({ ...options, kDecay: 1 + 1e-15 })(step)
        return near(slow, polynomialSchedule(options)(step), 1, 32)
      })
    )
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- power is required
    const misuse = () => polynomialSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 })
    expect(misuse).toThrow('got undefined')
  })

  const good = { initValue: 1, endValue: 0, power: 2, transitionSteps: 4 }
  const make = (options: object) => () => polynomialSchedule({ ...good, ...options } as PolynomialScheduleOptions)
  refuses([
    ['polynomialSchedule: initValue must be a finite number, got NaN', make({ initValue: Number.NaN })],
    ['polynomialSchedule: endValue must be a finite number, got undefined', make({ endValue: undefined })],
    ['polynomialSchedule: endValue must be a finite number, got Infinity', make({ endValue: Infinity })],
    ['polynomialSchedule: power must be a finite number > 0, got undefined', make({ power: undefined })],
    ['polynomialSchedule: power must be a finite number > 0, got 0', make({ power: 0 })],
    ['polynomialSchedule: power must be a finite number > 0, got Infinity', make({ power: Infinity })],
    ['polynomialSchedule: transitionSteps must be a whole number ≥ 0, got -1', make({ transitionSteps: -1 })],
    ['polynomialSchedule: transitionSteps must be a whole number ≥ 0, got 2.5', make({ transitionSteps: 2.5 })],
    ['polynomialSchedule: transitionBegin must be a whole number ≥ 0, got -1', make({ transitionBegin: -1 })],
    [
      'polynomialSchedule: there is no option steps; there are initValue, endValue, power, transitionSteps, transitionBegin, kDecay, cycle',
      make({ steps: 1 })
    ],
    [
      'polynomialSchedule: options must be an object, got undefined',
      () => polynomialSchedule(undefined as unknown as PolynomialScheduleOptions)
    ]
  ])
  refusesBadSteps('polynomialSchedule', polynomialSchedule(good))
})
