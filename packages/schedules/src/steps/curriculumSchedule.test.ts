import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinSchedules } from '../algebra/joinSchedules.js'
import { aStep, aValue, between, near, refuses, refusesBadSteps } from '../internal/testing.js'
import type { Schedule } from '../types.js'
import { type CurriculumStageOptions, curriculumSchedule } from './curriculumSchedule.js'

const aLong = fc.integer({ min: 16, max: 64 })
const someStages = fc.array(fc.record({ value: aValue, steps: aLong }), { minLength: 1, maxLength: 4 })
const someOptions = fc.record({
  transitionSteps: fc.nat(16),
  transition: fc.constantFrom('linear' as const, 'cosine' as const)
})

describe('curriculumSchedule', () => {
  test('without transitions is its stages joined, each on its own clock, bit for bit', () => {
    fc.assert(
      fc.property(fc.array(aLong, { minLength: 1, maxLength: 4 }), aStep, (lengths, step) => {
        const curves = lengths.map(
          (_, i): Schedule =>
            (t) =>
              1000 * i + t
        )
        const boundaries = lengths.slice(0, -1).map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b))
        const last = lengths.length - 1
        const stages = curves.map((value, i) => (i === last ? { value } : { value, steps: lengths[i] }))
        return Object.is(curriculumSchedule(stages)(step), joinSchedules(curves, boundaries)(step))
      })
    )
  })

  test('takes over by the share that is over, of the line or of the cosine', () => {
    fc.assert(
      fc.property(someStages, someOptions, fc.nat(300), (stages, options, step) => {
        const { transitionSteps, transition } = options
        let [i, within] = [0, step]
        while (i < stages.length - 1 && within >= (stages[i]?.steps ?? 0)) within -= stages[i++]?.steps ?? 0
        const to = stages[i]?.value ?? 0
        const from = stages[i - 1]?.value ?? to
        const share = within >= transitionSteps ? 1 : within / transitionSteps
        const w = transition === 'linear' ? share : (1 - Math.cos(Math.PI * share)) / 2
        const scale = Math.max(Math.abs(from), Math.abs(to))
        return near(curriculumSchedule(stages, options)(step), (1 - w) * from + w * to, scale)
      })
    )
  })

  test('with transitions is continuous where its stages are', () => {
    fc.assert(
      fc.property(
        someStages,
        fc.integer({ min: 1, max: 16 }),
        fc.double({ min: 0, max: 300, noNaN: true }),
        (s, k, t) => {
          const schedule = curriculumSchedule(s, { transitionSteps: k, transition: 'cosine' })
          const h = 2 ** -20
          // The steepest slope of the cosine is π / 2 times that of the line, which is at most 2000 for our values.
          return Math.abs(schedule(t + h) - schedule(t)) <= Math.PI * 1000 * h + 1e-9
        }
      )
    )
  })

  test('is between the values of its stages', () => {
    fc.assert(
      fc.property(someStages, someOptions, aStep, (stages, options, step) => {
        const values = stages.map(({ value }) => value)
        return between(curriculumSchedule(stages, options)(step), Math.min(...values), Math.max(...values))
      })
    )
  })

  test('starts from where the stage before ended, also when that is a schedule', () => {
    const stages: CurriculumStageOptions[] = [{ value: (t) => t, steps: 8 }, { value: (t) => 16 + t }]
    const steps = [7, 8, 10, 12, 13]
    expect(steps.map(curriculumSchedule(stages, { transitionSteps: 4 }))).toStrictEqual([7, 8, 13, 20, 21])
    expect(steps.map(curriculumSchedule(stages))).toStrictEqual([7, 16, 18, 20, 21])
    expect(curriculumSchedule([{ value: 0, steps: 4 }, { value: 8 }], { transitionSteps: 4 })(5)).toBe(2)
  })

  test('holds the end of a last stage that has one', () => {
    const endless = curriculumSchedule([{ value: (t) => t }])
    const ended = curriculumSchedule([{ value: (t) => t, steps: 5 }])
    expect([4, 5, 9].map(endless)).toStrictEqual([4, 5, 9])
    expect([4, 5, 9].map(ended)).toStrictEqual([4, 5, 5])
  })

  test('keeps its own copy of the stages', () => {
    const stage = { value: 1, steps: 5 }
    const stages = [stage, { value: 2 }]
    const schedule = curriculumSchedule(stages)
    stage.value = 7
    stage.steps = 1
    stages.pop()
    expect([4, 5].map(schedule)).toStrictEqual([1, 2])
  })

  test('wants the value of each stage', () => {
    // @ts-expect-error -- value is required
    expect(() => curriculumSchedule([{ steps: 5 }])).toThrow('got undefined')
  })

  const good = { value: 1, steps: 8 }
  const make = (stage: object, options: object = {}) => {
    return () => curriculumSchedule([good, { ...good, ...stage }], options)
  }
  refuses([
    ['curriculumSchedule: stages must be an array of at least one stage, got []', () => curriculumSchedule([])],
    [
      'curriculumSchedule: stages must be an array of at least one stage, got an object',
      () => curriculumSchedule(good as unknown as CurriculumStageOptions[])
    ],
    [
      'curriculumSchedule: stages[1]: value must be a finite number or a schedule, got NaN',
      make({ value: Number.NaN })
    ],
    ['curriculumSchedule: stages[1]: steps must be a whole number ≥ 1, got 0', make({ steps: 0 })],
    [
      'curriculumSchedule: stages[0]: steps must be a whole number ≥ 1, got undefined',
      () => curriculumSchedule([{ value: 1 }, good])
    ],
    [
      'curriculumSchedule: stages[1]: steps must be at least transitionSteps = 9, got 8',
      make({}, { transitionSteps: 9 })
    ],
    ['curriculumSchedule: stages[1]: there is no option rate; there are value, steps', make({ rate: 1 })],
    [
      'curriculumSchedule: stages[0]: options must be an object, got null',
      () => curriculumSchedule([null as unknown as CurriculumStageOptions])
    ],
    ['curriculumSchedule: transitionSteps must be a whole number ≥ 0, got -1', make({}, { transitionSteps: -1 })],
    ['curriculumSchedule: transition must be one of "linear", "cosine", got "step"', make({}, { transition: 'step' })],
    [
      'curriculumSchedule: there is no option shape; there are transitionSteps, transition',
      make({}, { shape: 'linear' })
    ]
  ])
  refusesBadSteps('curriculumSchedule', curriculumSchedule([good, { value: 2 }]))
})
