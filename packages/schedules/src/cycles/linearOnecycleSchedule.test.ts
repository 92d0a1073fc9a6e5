import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, expectGolden, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type LinearOnecycleScheduleOptions, linearOnecycleSchedule } from './linearOnecycleSchedule.js'

const aFactor = fc.double({ min: 0.1, max: 1e4, noNaN: true })
const aShare = fc.double({ min: 0, max: 1, noNaN: true })
const someOptions = fc
  .record({
    transitionSteps: aLength,
    peakValue: aValue,
    shares: fc.tuple(aShare, aShare),
    divFactor: aFactor,
    finalDivFactor: aFactor
  })
  .map(({ shares, ...rest }) => ({ ...rest, pctStart: Math.min(...shares), pctFinal: Math.max(...shares) }))

describe('linearOnecycleSchedule', () => {
  test('is on the straight lines of its three phases, within rounding', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { transitionSteps, peakValue, pctStart, pctFinal, divFactor, finalDivFactor } = options
        const first = peakValue / divFactor
        const last = first / finalDivFactor
        const summit = Math.floor(pctStart * transitionSteps)
        const back = Math.floor(pctFinal * transitionSteps)
        const line = (from: number, to: number, p: number) => from * (1 - p) + to * p
        const expected =
          step < summit
            ? line(first, peakValue, step / summit)
            : step < back
              ? line(peakValue, first, (step - summit) / (back - summit))
              : step < transitionSteps
                ? line(first, last, (step - back) / (transitionSteps - back))
                : last
        const scale = Math.max(Math.abs(first), Math.abs(peakValue), Math.abs(last))
        return near(linearOnecycleSchedule(options)(step), expected, scale, 16)
      })
    )
  })

  test('is linear in the peak: the negative peak gives the negative values, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const mirrored = linearOnecycleSchedule({ ...options, peakValue: -options.peakValue })(step)
        return mirrored + linearOnecycleSchedule(options)(step) === 0
      })
    )
  })

  test('counts every phase, also those that have no steps', () => {
    const options = { peakValue: 1, divFactor: 4, finalDivFactor: 16 }
    const short = linearOnecycleSchedule({ transitionSteps: 1, ...options })
    expect([0, 0.5, 1].map(short)).toStrictEqual([0.25, 0.1328125, 0.015625])
    const two = linearOnecycleSchedule({ transitionSteps: 10, pctStart: 0.5, pctFinal: 1, ...options })
    expect([0, 5, 7.5, 10].map(two)).toStrictEqual([0.25, 1, 0.625, 0.015625])
  })

  test('is what Optax gives', () => {
    const options = {
      transitionSteps: 23,
      peakValue: 0.7,
      pctStart: 0.25,
      pctFinal: 0.8,
      divFactor: 11,
      finalDivFactor: 300
    }
    expectGolden(linearOnecycleSchedule(options), [
      [0, 0.06363636363636363],
      [2, 0.31818181818181823],
      [5, 0.7],
      [6, 0.651048951048951],
      [18, 0.06363636363636363],
      [19, 0.05095151515151515],
      [22, 0.012896969696969698],
      [23, 0.00021212121212121213],
      [24, 0.00021212121212121213]
    ])
  })

  test('is what Optax gives by default', () => {
    expectGolden(linearOnecycleSchedule({ transitionSteps: 100, peakValue: 0.7 }), [
      [0, 0.027999999999999997],
      [7, 0.1848],
      [30, 0.7],
      [31, 0.6877818181818182],
      [85, 0.027999999999999997],
      [90, 0.0186676],
      [100, 2.8e-6],
      [101, 2.8e-6]
    ])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- transitionSteps is required
    expect(() => linearOnecycleSchedule({ peakValue: 1 })).toThrow('got undefined')
  })

  const good = { transitionSteps: 10, peakValue: 1 }
  const make = (options: object) => () =>
    linearOnecycleSchedule({ ...good, ...options } as LinearOnecycleScheduleOptions)
  refuses([
    ['linearOnecycleSchedule: transitionSteps must be a whole number ≥ 1, got -5', make({ transitionSteps: -5 })],
    ['linearOnecycleSchedule: peakValue must be a finite number, got NaN', make({ peakValue: Number.NaN })],
    ['linearOnecycleSchedule: pctStart must be in [0, 1], got -0.1', make({ pctStart: -0.1 })],
    ['linearOnecycleSchedule: pctFinal must be in [pctStart, 1] = [0.3, 1], got 0.2', make({ pctFinal: 0.2 })],
    ['linearOnecycleSchedule: pctFinal must be in [pctStart, 1] = [0.3, 1], got 1.5', make({ pctFinal: 1.5 })],
    ['linearOnecycleSchedule: divFactor must be a finite number > 0, got Infinity', make({ divFactor: Infinity })],
    ['linearOnecycleSchedule: finalDivFactor must be a finite number > 0, got 0', make({ finalDivFactor: 0 })],
    [
      'linearOnecycleSchedule: there is no option initValue; there are transitionSteps, peakValue, pctStart, pctFinal, divFactor, finalDivFactor',
      make({ initValue: 1 })
    ]
  ])
  refusesBadSteps('linearOnecycleSchedule', linearOnecycleSchedule(good))
})
