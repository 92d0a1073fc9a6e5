import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type MultiStepScheduleOptions, multiStepSchedule } from './multiStepSchedule.js'
import { stepDecaySchedule } from './stepDecaySchedule.js'

const aFactor = fc.double({ min: 0.01, max: 2, noNaN: true })
const someMilestones = fc.array(fc.nat(100), { maxLength: 6 }).map((steps) => steps.sort((a, b) => a - b))
const someOptions = fc.record({ initValue: aValue, milestones: someMilestones, gamma: aFactor })

describe('multiStepSchedule', () => {
  test('is multiplied by γ once for every milestone that was reached', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const reached = options.milestones.filter((milestone) => milestone <= step)
        const expected = reached.reduce((value) => value * options.gamma, options.initValue)
        return near(multiStepSchedule(options)(step), expected, expected, 16)
      }),
      { examples: [[{ initValue: 1, milestones: [5, 5, 7], gamma: 0.5 }, 5] as const] }
    )
  })

  test('with evenly spaced milestones is the step decay, bit for bit up to the last of them', () => {
    fc.assert(
      fc.property(aValue, aLength, aFactor, fc.integer({ min: 1, max: 8 }), (initValue, stepSize, gamma, n) => {
        const milestones = Array.from({ length: n }, (_, i) => (i + 1) * stepSize)
        const schedule = multiStepSchedule({ initValue, milestones, gamma })
        const stairs = stepDecaySchedule({ initValue, stepSize, gamma })
        const steps = Array.from({ length: (n + 1) * stepSize }, (_, t) => t)
        return steps.every((t) => Object.is(schedule(t), stairs(t)))
      })
    )
  })

  test('is constant without milestones and with γ = 1', () => {
    fc.assert(
      fc.property(aValue, someMilestones, aStep, (initValue, milestones, step) => {
        const idle = multiStepSchedule({ initValue, milestones, gamma: 1 })(step)
        return (
          Object.is(idle, initValue) && Object.is(multiStepSchedule({ initValue, milestones: [] })(step), initValue)
        )
      })
    )
  })

  test('a milestone already belongs to the new value, and one written twice counts twice', () => {
    const schedule = multiStepSchedule({ initValue: 8, milestones: [0, 30, 80, 80], gamma: 0.5 })
    expect([0, 29.5, 30, 79, 80, 1e9].map(schedule)).toStrictEqual([4, 4, 2, 2, 0.5, 0.5])
    expect(multiStepSchedule({ initValue: 1, milestones: [3] })(3)).toBe(0.1)
  })

  test('keeps its own copy of the milestones', () => {
    const milestones = [2, 4]
    const schedule = multiStepSchedule({ initValue: 4, milestones, gamma: 0.5 })
    milestones[0] = 3
    milestones.pop()
    expect([1, 2, 4].map(schedule)).toStrictEqual([4, 2, 1])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- milestones is required
    expect(() => multiStepSchedule({ initValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 1, milestones: [4, 9] }
  const make = (options: object) => () => multiStepSchedule({ ...good, ...options } as MultiStepScheduleOptions)
  refuses([
    ['multiStepSchedule: initValue must be a finite number, got Infinity', make({ initValue: Infinity })],
    ['multiStepSchedule: milestones must be an array of steps, got 30', make({ milestones: 30 })],
    ['multiStepSchedule: milestones[0] must be a whole number ≥ 0, got -1', make({ milestones: [-1] })],
    ['multiStepSchedule: milestones[1] must be a whole number ≥ 3, got 3.5', make({ milestones: [3, 3.5] })],
    ['multiStepSchedule: milestones[1] must be a whole number ≥ 9, got 4', make({ milestones: [9, 4] })],
    ['multiStepSchedule: gamma must be a finite number > 0, got 0', make({ gamma: 0 })],
    ['multiStepSchedule: there is no option steps; there are initValue, milestones, gamma', make({ steps: [1] })]
  ])
  refusesBadSteps('multiStepSchedule', multiStepSchedule(good))
})
