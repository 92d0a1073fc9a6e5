import type { ScalarOrSchedule, Schedule } from '@gradchain/schedules'

/** A learning rate as a function of the step, also where it is a number. */
export const rateOf = (learningRate: ScalarOrSchedule): Schedule =>
  typeof learningRate === 'number' ? () => learningRate : learningRate
