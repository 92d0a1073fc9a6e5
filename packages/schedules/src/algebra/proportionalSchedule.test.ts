import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aDyadic, aStep, aValue, near, refuses } from '../internal/testing.js'
import { type ProportionalScheduleOptions, proportionalSchedule } from './proportionalSchedule.js'

describe('proportionalSchedule', () => {
  test('follows the learning rate from one value to the other, and beyond', () => {
    fc.assert(
      fc.property(
        aStep,
        aValue,
        aValue,
        fc.nat(8),
        fc.integer({ min: 1, max: 8 }),
        (step, maxValue, minValue, a, b) => {
          const [minLearningRate, maxLearningRate] = [a, a + b]
          const learningRate = (t: number) => 20 * (t / (1 + t))
          const found = proportionalSchedule({ learningRate, maxLearningRate, minLearningRate, maxValue, minValue })(
            step
          )
          const share = (learningRate(step) - a) / b
          // The share is 20 at most, and so is what the roundings are multiplied by.
          return near(found, maxValue * share + minValue * (1 - share), 1e3, 256)
        }
      )
    )
  })

  test('has its two values where the learning rate has, bit for bit', () => {
    fc.assert(
      fc.property(aDyadic, aDyadic, (maxValue, minValue) => {
        const at = (learningRate: number) =>
          proportionalSchedule({ learningRate, maxLearningRate: 0.75, minLearningRate: 0.25, maxValue, minValue })(0)
        expect(at(0.75)).toBe(maxValue - minValue + minValue)
        expect(at(0.25)).toBe(minValue + 0)
        expect(at(0.5)).toBe((maxValue + minValue) / 2 + 0)
      })
    )
  })

  test('begins at 0 unless told otherwise', () => {
    const half = { learningRate: 0.5, maxLearningRate: 1, maxValue: 3 }
    expect(proportionalSchedule(half)(0)).toBe(1.5)
    expect(proportionalSchedule({ ...half, minLearningRate: 0, minValue: 0 })(0)).toBe(1.5)
  })

  const good = { learningRate: 0.1, maxLearningRate: 0.1, maxValue: 1 }
  const make = (options: object) => () => proportionalSchedule({ ...good, ...options } as ProportionalScheduleOptions)
  refuses([
    [
      'proportionalSchedule: learningRate must be a finite number ≥ 0 or a schedule, got -1',
      make({ learningRate: -1 })
    ],
    ['proportionalSchedule: minLearningRate must be a finite number ≥ 0, got -1', make({ minLearningRate: -1 })],
    [
      'proportionalSchedule: maxLearningRate must be a finite number > minLearningRate, which is 0.1, got 0.1',
      make({ minLearningRate: 0.1 })
    ],
    [
      'proportionalSchedule: maxLearningRate must be a finite number > minLearningRate, which is 0, got Infinity',
      make({ maxLearningRate: Infinity })
    ],
    ['proportionalSchedule: maxValue must be a finite number, got undefined', make({ maxValue: undefined })],
    ['proportionalSchedule: minValue must be a finite number, got NaN', make({ minValue: Number.NaN })],
    [
      'proportionalSchedule: there is no option rho; there are learningRate, maxLearningRate, minLearningRate, maxValue, minValue',
      make({ rho: 1 })
    ]
  ])
})
