import type { Schedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { step } from '../arbitrary/hyperparameters.js'
import { firstFlaw } from '../internal/transformationLaw.js'
import type { Law } from '../law.js'

/** A law about schedules, on steps asked for in some order. */
export type ScheduleLaw = Law<Schedule, readonly number[]>

const scheduleLaw = (name: string, sentence: string, flaw: ScheduleLaw['flaw']): ScheduleLaw => ({
  name,
  sentence,
  cases: ({ steps = step() }) => fc.array(steps, { minLength: 1, maxLength: 8 }),
  flaw
})

/** A schedule is a function of the step: it has no memory. */
export const valueDependsOnStepOnly = scheduleLaw(
  'valueDependsOnStepOnly',
  'a step has the same value whenever and in whatever order it is asked for',
  (schedule, steps) => {
    const values = steps.map((at) => schedule(at))
    return firstFlaw([...steps.keys()].reverse(), (i) => {
      const [at, first, again] = [steps[i] as number, values[i], schedule(steps[i] as number)]
      return Object.is(again, first) ? null : `step ${at} had the value ${first}, then ${again}`
    })
  }
)

/** From step 0 to the largest whole number that counts. */
export const valuesAreFinite = scheduleLaw(
  'valuesAreFinite',
  'the value at every step is a finite number',
  (schedule, steps) =>
    firstFlaw(steps, (at) => {
      const value: unknown = schedule(at)
      return Number.isFinite(value) ? null : `step ${at} has the value ${String(value)}`
    })
)

/** The laws of schedules. */
export const schedule = { valueDependsOnStepOnly, valuesAreFinite } as const
