import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aValue, aWait, expectGolden, refuses, refusesBadSteps } from '../internal/testing.js'
import {
  type WarmupCosineDecayScheduleOptions,
  warmupCosineDecaySchedule
} from '../warmup/warmupCosineDecaySchedule.js'
import { sgdrSchedule } from './sgdrSchedule.js'

const aCycle = fc
  .record({ initValue: aValue, peakValue: aValue, warmupSteps: aWait, length: aLength, endValue: aValue })
  .map(({ length, ...rest }) => ({ ...rest, decaySteps: rest.warmupSteps + length }))

describe('sgdrSchedule', () => {
  test('is each cycle in its turn, on its own clock, bit for bit', () => {
    fc.assert(
      fc.property(fc.array(aCycle, { minLength: 1, maxLength: 4 }), fc.nat(400), (cycles, step) => {
        let [local, k] = [step, 0]
        while (k < cycles.length - 1 && local >= (cycles[k]?.decaySteps ?? 0)) local -= cycles[k++]?.decaySteps ?? 0
        const cycle = cycles[k] as WarmupCosineDecayScheduleOptions
        return Object.is(sgdrSchedule(cycles)(step), warmupCosineDecaySchedule(cycle)(local))
      })
    )
  })

  test('holds the end of the last cycle: there is no further restart', () => {
    fc.assert(
      fc.property(fc.array(aCycle, { minLength: 1, maxLength: 4 }), fc.nat(400), (cycles, more) => {
        const total = cycles.reduce((sum, { decaySteps }) => sum + decaySteps, 0)
        const schedule = sgdrSchedule(cycles)
        return schedule(total + more) === schedule(total) && schedule(1e15) === schedule(total)
      })
    )
  })

  test('is what Optax gives', () => {
    const schedule = sgdrSchedule([
      { initValue: 0.1, peakValue: 0.8, warmupSteps: 2, decaySteps: 6, endValue: 0.05 },
      { initValue: 0.05, peakValue: 0.4, warmupSteps: 0, decaySteps: 5, exponent: 2 }
    ])
    expectGolden(schedule, [
      [0, 0.09999999999999998],
      [1, 0.45],
      [2, 0.8],
      [4, 0.42500000000000004],
      [5, 0.15983495705504472],
      [6, 0.4],
      [7, 0.32725424859373686],
      [10, 0.0036474508437578895],
      [11, 0],
      [99, 0]
    ])
  })

  test('keeps its own copy of the cycles', () => {
    const cycle = { initValue: 0, peakValue: 1, warmupSteps: 0, decaySteps: 4 }
    const cycles = [cycle, { ...cycle }]
    const schedule = sgdrSchedule(cycles)
    cycle.decaySteps = 1
    cycles.pop()
    expect([0, 4, 8].map(schedule)).toStrictEqual([1, 1, 0])
  })

  const good = { initValue: 0, peakValue: 1, warmupSteps: 4, decaySteps: 10 }

  test('wants the options of each cycle', () => {
    // @ts-expect-error -- decaySteps is required
    const misuse = () => sgdrSchedule([good, { initValue: 0, peakValue: 1, warmupSteps: 4 }])
    expect(misuse).toThrow('got undefined')
  })

  const make = (options: object) => () => sgdrSchedule([good, { ...good, ...options }])
  refuses([
    ['sgdrSchedule: cycles must be an array of at least one cycle, got []', () => sgdrSchedule([])],
    [
      'sgdrSchedule: cycles must be an array of at least one cycle, got an object',
      () => sgdrSchedule(good as unknown as WarmupCosineDecayScheduleOptions[])
    ],
    ['sgdrSchedule: cycles[1]: peakValue must be a finite number, got NaN', make({ peakValue: Number.NaN })],
    ['sgdrSchedule: cycles[1]: decaySteps must be a whole number > warmupSteps = 4, got 3', make({ decaySteps: 3 })],
    [
      'sgdrSchedule: cycles[1]: there is no option alpha; there are initValue, peakValue, warmupSteps, decaySteps, endValue, exponent, warmupOffset',
      make({ alpha: 1 })
    ],
    [
      'sgdrSchedule: cycles[0]: options must be an object, got null',
      () => sgdrSchedule([null as unknown as WarmupCosineDecayScheduleOptions])
    ]
  ])
  refusesBadSteps('sgdrSchedule', sgdrSchedule([good, good]))
})
