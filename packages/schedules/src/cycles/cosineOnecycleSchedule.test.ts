import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, expectGolden, near, refuses, refusesBadSteps, rounding } from '../internal/testing.js'
import { type CosineOnecycleScheduleOptions, cosineOnecycleSchedule } from './cosineOnecycleSchedule.js'

const aFactor = fc.double({ min: 0.1, max: 1e4, noNaN: true })
const someOptions = fc.record({
  transitionSteps: aLength,
  peakValue: aValue,
  pctStart: fc.double({ min: 0, max: 1, noNaN: true }),
  divFactor: aFactor,
  finalDivFactor: aFactor
})

describe('cosineOnecycleSchedule', () => {
  test('rises and falls along sin² as its two phases say, within rounding', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { transitionSteps, peakValue, pctStart, divFactor, finalDivFactor } = options
        const first = peakValue / divFactor
        const last = first / finalDivFactor
        const summit = Math.floor(pctStart * transitionSteps)
        const ease = (from: number, to: number, p: number) => from + (to - from) * Math.sin((Math.PI / 2) * p) ** 2
        const expected =
          step < summit
            ? ease(first, peakValue, step / summit)
            : step < transitionSteps
              ? ease(peakValue, last, (step - summit) / (transitionSteps - summit))
              : last
        const scale = Math.max(Math.abs(first), Math.abs(peakValue), Math.abs(last))
        return near(cosineOnecycleSchedule(options)(step), expected, scale, 16)
      })
    )
  })

  test('rises to ⌊pctStart · T⌋ and falls from there', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const { transitionSteps, pctStart } = options
        const peakValue = Math.abs(options.peakValue)
        const raised = {
          ...options,
          peakValue,
          divFactor: 1 + options.divFactor,
          finalDivFactor: 1 + options.finalDivFactor
        }
        const schedule = cosineOnecycleSchedule(raised)
        const summit = Math.floor(pctStart * transitionSteps)
        const [early, late] = [Math.min(s, t), Math.max(s, t)]
        // cos is monotone only up to its last place.
        const slack = rounding(peakValue, 8)
        const rises = schedule(Math.min(early, summit)) <= schedule(Math.min(late, summit)) + slack
        return summit === transitionSteps || (rises && schedule(summit + early) + slack >= schedule(summit + late))
      })
    )
  })

  test('is linear in the peak: the negative peak gives the negative values, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const mirrored = cosineOnecycleSchedule({ ...options, peakValue: -options.peakValue })(step)
        return mirrored + cosineOnecycleSchedule(options)(step) === 0
      })
    )
  })

  test('keeps its rise when it takes all of the steps', () => {
    const schedule = cosineOnecycleSchedule({
      transitionSteps: 10,
      peakValue: 1,
      pctStart: 1,
      divFactor: 4,
      finalDivFactor: 2
    })
    expect([0, 5, 10].map(schedule)).toStrictEqual([0.25, 0.625, 0.125])
  })

  test('begins at its peak when there are no steps to rise', () => {
    const schedule = cosineOnecycleSchedule({ transitionSteps: 2, peakValue: 1, divFactor: 4, finalDivFactor: 2 })
    expect([0, 1, 2].map(schedule)).toStrictEqual([1, 0.5625, 0.125])
  })

  test('is what Optax gives', () => {
    const options = { transitionSteps: 13, peakValue: 0.7, pctStart: 0.4, divFactor: 11, finalDivFactor: 300 }
    expectGolden(cosineOnecycleSchedule(options), [
      [0, 0.0636363636363636],
      [1, 0.12440368360797127],
      [4, 0.6392326800283923],
      [5, 0.7],
      [6, 0.6733659097618658],
      [12, 0.026846211450255383],
      [13, 0.0002121212121212121],
      [14, 0.0002121212121212121]
    ])
  })

  test('is what Optax gives by default', () => {
    expectGolden(cosineOnecycleSchedule({ transitionSteps: 100, peakValue: 0.7 }), [
      [0, 0.028000000000000025],
      [7, 0.11430333863959552],
      [30, 0.7],
      [31, 0.6996475746991669],
      [99, 0.0003552253008330516],
      [100, 2.8e-6],
      [101, 2.8e-6]
    ])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- peakValue is required
    expect(() => cosineOnecycleSchedule({ transitionSteps: 10 })).toThrow('got undefined')
  })

  const good = { transitionSteps: 10, peakValue: 1 }
  const make = (options: object) => () =>
    cosineOnecycleSchedule({ ...good, ...options } as CosineOnecycleScheduleOptions)
  refuses([
    ['cosineOnecycleSchedule: transitionSteps must be a whole number ≥ 1, got 0', make({ transitionSteps: 0 })],
    ['cosineOnecycleSchedule: peakValue must be a finite number, got undefined', make({ peakValue: undefined })],
    ['cosineOnecycleSchedule: pctStart must be in [0, 1], got 1.1', make({ pctStart: 1.1 })],
    ['cosineOnecycleSchedule: pctStart must be in [0, 1], got NaN', make({ pctStart: Number.NaN })],
    ['cosineOnecycleSchedule: divFactor must be a finite number > 0, got 0', make({ divFactor: 0 })],
    ['cosineOnecycleSchedule: finalDivFactor must be a finite number > 0, got -1', make({ finalDivFactor: -1 })],
    [
      'cosineOnecycleSchedule: there is no option pctFinal; there are transitionSteps, peakValue, pctStart, divFactor, finalDivFactor',
      make({ pctFinal: 1 })
    ]
  ])
  refusesBadSteps('cosineOnecycleSchedule', cosineOnecycleSchedule(good))
})
