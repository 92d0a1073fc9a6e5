import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aStep, aValue, near, refuses, refusesBadSteps, rounding } from '../internal/testing.js'
import { cosineOnecycleSchedule } from './cosineOnecycleSchedule.js'
import { type OneCycleScheduleOptions, oneCycleSchedule } from './oneCycleSchedule.js'

const aFactor = fc.double({ min: 1, max: 1e4, noNaN: true })
const someOptions = fc.record({
  peakValue: aValue,
  totalSteps: fc.integer({ min: 1, max: 100 }),
  pctStart: fc.double({ min: 0, max: 1, noNaN: true }),
  annealUp: fc.constantFrom('linear' as const, 'cosine' as const),
  annealDown: fc.constantFrom('linear' as const, 'cosine' as const),
  divFactor: aFactor,
  finalDivFactor: aFactor
})
const anyStyle = fc.oneof(
  fc.constantFrom({ style: 'fastai' as const }, { style: 'torch' as const }),
  fc.constant({ style: 'torch' as const, threePhase: true, pctStart: 0.375 })
)

describe('oneCycleSchedule', () => {
  test("in fastai's style is fastai's: two schedules of a position, combined at pct", () => {
    const cosine = (start: number, end: number, pos: number) =>
      start + ((1 + Math.cos(Math.PI * (1 - pos))) * (end - start)) / 2
    const combined = (pct: number, start: number, middle: number, end: number, pos: number) =>
      pos < pct ? cosine(start, middle, pos / pct) : cosine(middle, end, (pos - pct) / (1 - pct))
    fc.assert(
      fc.property(someOptions, fc.nat(100), (options, step) => {
        const { peakValue, totalSteps, divFactor, finalDivFactor } = options
        // Where the phases meet, the rounding of pct · T decides which of them it is; so take shares that are exact.
        const pctStart = Math.floor(options.pctStart * 16) / 16
        const pos = Math.min(step, totalSteps) / totalSteps
        const [start, end] = [peakValue / divFactor, peakValue / finalDivFactor]
        const expected = pctStart === 1 && pos === 1 ? end : combined(pctStart, start, peakValue, end, pos)
        const given = { ...options, style: 'fastai', pctStart, annealUp: 'cosine', annealDown: 'cosine' } as const
        // The position is a rounded share, and the slope magnifies that.
        return near(oneCycleSchedule(given)(step), expected, peakValue, 512)
      })
    )
  })

  test("fastai's defaults: a quarter up, from 1/25 to 1/100000 of the peak", () => {
    const schedule = oneCycleSchedule({ style: 'fastai', peakValue: 1, totalSteps: 8 })
    expect(schedule(0)).toBeCloseTo(1 / 25, 15)
    expect(schedule(2)).toBe(1)
    expect([8, 9, 1e9].map(schedule)).toStrictEqual([1e-5, 1e-5, 1e-5])
  })

  test("in fastai's style with a whole pct · T is Optax's cosine", () => {
    fc.assert(
      fc.property(someOptions, fc.nat(16), aStep, (options, up, step) => {
        const { peakValue, divFactor, finalDivFactor } = options
        const shape = { peakValue, pctStart: up / 16, divFactor }
        const fastai = oneCycleSchedule({ ...shape, style: 'fastai', totalSteps: 16, finalDivFactor })(step)
        const own = { ...shape, transitionSteps: 16, finalDivFactor: finalDivFactor / divFactor }
        return near(fastai, cosineOnecycleSchedule(own)(step), peakValue, 16)
      })
    )
  })

  test('rises and then falls, for factors of at least 1', () => {
    fc.assert(
      fc.property(someOptions, anyStyle, (options, style) => {
        const peakValue = Math.abs(options.peakValue)
        const given = { ...options, ...style, peakValue }
        const { pctStart, totalSteps } = given
        const summit = given.style === 'torch' ? pctStart * totalSteps - 1 : pctStart * totalSteps
        const schedule = oneCycleSchedule(given)
        const slack = rounding(peakValue, 8)
        for (let t = 0; t < totalSteps + 2; t++) {
          const change = schedule(t + 1) - schedule(t)
          if (t + 1 <= summit && t + 1 < totalSteps - 1 && change < -slack) return false
          if (t >= summit && change > slack) return false
        }
        return true
      })
    )
  })

  test('is linear in the peak: the negative peak gives the negative values, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, anyStyle, aStep, (options, style, step) => {
        const given = { ...options, ...style }
        const mirrored = oneCycleSchedule({ ...given, peakValue: -given.peakValue })(step)
        return mirrored + oneCycleSchedule(given)(step) === 0
      })
    )
  })

  test('the seed of this library: straight up in 45 % of the steps, along the cosine down to where it began', () => {
    const schedule = oneCycleSchedule({
      style: 'fastai',
      peakValue: 9,
      totalSteps: 40,
      pctStart: 0.45,
      annealUp: 'linear',
      divFactor: 9,
      finalDivFactor: 9
    })
    expect([0, 9, 18, 40, 41].map(schedule)).toStrictEqual([1, 5, 9, 1, 1])
    expect(schedule(29)).toBeCloseTo(5, 14)
  })

  test("PyTorch's phases end a step earlier, and the last value is held", () => {
    const options = { peakValue: 8, totalSteps: 20, pctStart: 0.25, divFactor: 4, finalDivFactor: 2 } as const
    const straight = { annealUp: 'linear', annealDown: 'linear' } as const
    const schedule = oneCycleSchedule({ ...options, ...straight })
    expect([0, 2, 4, 11.5, 19, 20, 99].map(schedule)).toStrictEqual([2, 5, 8, 4.5, 1, 1, 1])
    const three = oneCycleSchedule({ ...options, ...straight, threePhase: true })
    expect([0, 2, 4, 6, 8, 19, 20].map(three)).toStrictEqual([2, 5, 8, 5, 2, 1, 1])
    const mixed = oneCycleSchedule({ ...options, annealUp: 'linear' })
    expect(mixed(1)).toBe(3.5)
    expect(mixed(11.5)).toBeCloseTo(4.5, 14)
    expect(mixed(9)).not.toBeCloseTo(schedule(9), 2)
    const mixedThree = oneCycleSchedule({ ...options, annealUp: 'linear', threePhase: true })
    // The cosine has made (1 − √½) / 2 of its way after a quarter of the steps.
    const early = (1 - Math.SQRT1_2) / 2
    expect(mixedThree(1)).toBe(3.5)
    expect(mixedThree(5)).toBeCloseTo(8 - 6 * early, 14)
    expect(mixedThree(8 + 11 / 4)).toBeCloseTo(2 - early, 14)
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- totalSteps is required
    expect(() => oneCycleSchedule({ peakValue: 1 })).toThrow('got undefined')
  })

  const good = { peakValue: 1, totalSteps: 10 }
  const make = (options: object) => () => oneCycleSchedule({ ...good, ...options } as OneCycleScheduleOptions)
  refuses([
    ['oneCycleSchedule: peakValue must be a finite number, got NaN', make({ peakValue: Number.NaN })],
    ['oneCycleSchedule: totalSteps must be a whole number ≥ 1, got 0', make({ totalSteps: 0 })],
    ['oneCycleSchedule: style must be one of "torch", "fastai", got "optax"', make({ style: 'optax' })],
    ['oneCycleSchedule: pctStart must be in [0, 1], got 1.5', make({ pctStart: 1.5 })],
    [
      'oneCycleSchedule: pctStart must be in [0, 0.5] with three phases, got 0.6',
      make({ pctStart: 0.6, threePhase: true })
    ],
    ['oneCycleSchedule: annealUp must be one of "linear", "cosine", got "cos"', make({ annealUp: 'cos' })],
    ['oneCycleSchedule: annealDown must be one of "linear", "cosine", got null', make({ annealDown: null })],
    ['oneCycleSchedule: divFactor must be a finite number > 0, got 0', make({ divFactor: 0 })],
    ['oneCycleSchedule: finalDivFactor must be a finite number > 0, got -1', make({ finalDivFactor: -1 })],
    ['oneCycleSchedule: threePhase must be true or false, got 1', make({ threePhase: 1 })],
    [
      "oneCycleSchedule: threePhase must be left out where the style is 'fastai', got true",
      make({ style: 'fastai', threePhase: true })
    ],
    [
      'oneCycleSchedule: there is no option anneal; there are peakValue, totalSteps, style, pctStart, annealUp, annealDown, divFactor, finalDivFactor, threePhase',
      make({ anneal: 'cosine' })
    ]
  ])
  refusesBadSteps('oneCycleSchedule', oneCycleSchedule(good))
})
