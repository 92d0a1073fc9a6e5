import { check, finite, nonNegativeInteger, type Requirement } from '@gradchain/core'
import { joinSchedules, linearSchedule, type Schedule } from '@gradchain/schedules'

/** Checks the learning rate and the number of steps of its warmup. */
export const checkWarmup = (owner: string, learningRate: number, numWarmupSteps: number): void => {
  check(owner, { learningRate }, finite)
  check(owner, { numWarmupSteps }, nonNegativeInteger)
}

/** A whole number above that of the warmup. */
export const above = (numWarmupSteps: number): Requirement => ({
  what: `a whole number > ${numWarmupSteps}`,
  holds: (value) => Number.isSafeInteger(value) && (value as number) > numWarmupSteps
})

/** A straight line from 0 to the learning rate, and then what comes after it, on its own clock. */
export const warmed = (learningRate: number, numWarmupSteps: number, after: Schedule): Schedule =>
  joinSchedules(
    [linearSchedule({ initValue: 0, endValue: learningRate, transitionSteps: numWarmupSteps }), after],
    [numWarmupSteps]
  )
