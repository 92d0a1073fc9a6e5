import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { constantSchedule } from '../decay/constantSchedule.js'
import { exponentialDecay } from '../decay/exponentialDecay.js'
import { linearSchedule } from '../decay/linearSchedule.js'
import { aStep, expectGolden, refuses, refusesBadSteps } from '../internal/testing.js'
import type { Schedule } from '../types.js'
import { joinSchedules } from './joinSchedules.js'

/** Schedules that tell themselves and their clocks apart: the i-th is 1000 · i + its own step. */
const tagged = (n: number): Schedule[] => Array.from({ length: n }, (_, i) => (step: number) => 1000 * i + step)

const someBoundaries = fc.array(fc.nat(100), { maxLength: 5 }).map((steps) => steps.sort((a, b) => a - b))

/** The definition by recursion: the first part up to its boundary, then the rest, joined, on its own clock. */
const oracle = (schedules: readonly Schedule[], boundaries: readonly number[], step: number): number => {
  const [first, ...rest] = schedules as [Schedule, ...Schedule[]]
  const [boundary, ...later] = boundaries
  if (boundary === undefined || step < boundary) return first(step)
  const shifted = later.map((b) => b - boundary)
  return oracle(rest, shifted, step - boundary)
}

describe('joinSchedules', () => {
  test('is its parts, each on its own clock, bit for bit', () => {
    // Whole steps and half ones, for which the differences of the oracle's clocks are exact.
    const aHalf = fc.oneof(
      fc.nat(400).map((n) => n / 2),
      fc.constant(1e15)
    )
    fc.assert(
      fc.property(someBoundaries, aHalf, (boundaries, step) => {
        const schedules = tagged(boundaries.length + 1)
        return Object.is(joinSchedules(schedules, boundaries)(step), oracle(schedules, boundaries, step))
      }),
      { examples: [[[5, 5], 5] as [number[], number]] }
    )
  })

  test('a boundary already belongs to the schedule that begins there', () => {
    expect([0, 2, 2.5, 3, 7, 8].map(joinSchedules(tagged(3), [3, 8]))).toStrictEqual([0, 2, 2.5, 1000, 1004, 2000])
  })

  test('a single schedule joined is itself', () => {
    fc.assert(fc.property(aStep, (step) => Object.is(joinSchedules([(t) => 3 * t], [])(step), 3 * step)))
  })

  test('joining joined schedules is joining all of them', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(100), (a, ab, abc, step) => {
        const [f, g, h, k] = tagged(4) as [Schedule, Schedule, Schedule, Schedule]
        const flat = joinSchedules([f, g, h, k], [a, a + ab, a + ab + abc])
        const nested = joinSchedules([joinSchedules([f, g], [a]), joinSchedules([h, k], [abc])], [a + ab])
        return Object.is(flat(step), nested(step))
      })
    )
  })

  test('calls the schedule in charge and no other, and never with a negative step', () => {
    fc.assert(
      fc.property(someBoundaries, aStep, (boundaries, step) => {
        const calls: number[] = []
        const schedules = tagged(boundaries.length + 1).map(
          (schedule): Schedule =>
            (local) => {
              calls.push(local)
              return schedule(local)
            }
        )
        joinSchedules(schedules, boundaries)(step)
        return calls.length === 1 && calls.every((local) => local >= 0)
      })
    )
  })

  test('keeps its own copy of schedules and boundaries', () => {
    const schedules = tagged(2)
    const boundaries = [5]
    const schedule = joinSchedules(schedules, boundaries)
    schedules.reverse()
    boundaries[0] = 0
    expect([4, 5].map(schedule)).toStrictEqual([4, 1000])
  })

  test('is what Optax gives', () => {
    const schedule = joinSchedules(
      [
        linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 }),
        exponentialDecay({ initValue: 1, transitionSteps: 3, decayRate: 0.5 }),
        constantSchedule(0.25)
      ],
      [4, 9]
    )
    expectGolden(schedule, [
      [0, 0],
      [3, 0.75],
      [4, 1],
      [5, 0.7937005259840998],
      [8, 0.3968502629920499],
      [9, 0.25],
      [50, 0.25]
    ])
  })

  test('wants schedules and boundaries', () => {
    // @ts-expect-error -- the boundaries are required
    expect(() => joinSchedules(tagged(1))).toThrow('got undefined')
    // @ts-expect-error -- a number is no schedule here: say constantSchedule
    expect(() => joinSchedules([0.1, constantSchedule(1)], [3])).toThrow('schedules[0] must be a function, got 0.1')
  })

  const [f, g, h] = tagged(3) as [Schedule, Schedule, Schedule]
  refuses([
    ['joinSchedules: schedules must be an array of at least one schedule, got []', () => joinSchedules([], [])],
    [
      'joinSchedules: schedules must be an array of at least one schedule, got a function',
      () => joinSchedules(f as unknown as Schedule[], [])
    ],
    [
      'joinSchedules: boundaries must be an array of steps, got 3',
      () => joinSchedules([f, g], 3 as unknown as number[])
    ],
    ['joinSchedules: schedules[1] must be a function, got 1', () => joinSchedules([f, 1 as unknown as Schedule], [3])],
    ['joinSchedules: boundaries must be 1 for 2 schedules, got []', () => joinSchedules([f, g], [])],
    ['joinSchedules: boundaries must be 1 for 2 schedules, got [1, 2]', () => joinSchedules([f, g], [1, 2])],
    ['joinSchedules: boundaries[0] must be a whole number ≥ 0, got -1', () => joinSchedules([f, g], [-1])],
    ['joinSchedules: boundaries[0] must be a whole number ≥ 0, got NaN', () => joinSchedules([f, g], [Number.NaN])],
    ['joinSchedules: boundaries[0] must be a whole number ≥ 0, got 2.5', () => joinSchedules([f, g], [2.5])],
    ['joinSchedules: boundaries[1] must be a whole number ≥ 5, got 4', () => joinSchedules([f, g, h], [5, 4])]
  ])
  refusesBadSteps('joinSchedules', joinSchedules([f, g], [3]))
})
