import { check, nonNegative, nonNegativeInteger, orSchedule } from '@gradchain/core'
import { type ScalarOrSchedule, warmupConstantSchedule } from '@gradchain/schedules'

/** A learning rate that rises from 0 for some steps; one that has a warm-up is a number, no schedule. */
export const warmedUp = (owner: string, learningRate: ScalarOrSchedule, warmupSteps: number): ScalarOrSchedule => {
  check(owner, { warmupSteps }, nonNegativeInteger)
  if (warmupSteps === 0) {
    check(owner, { learningRate }, orSchedule(nonNegative))
    return learningRate
  }
  check(owner, { learningRate }, nonNegative)
  return warmupConstantSchedule({ initValue: 0, peakValue: learningRate as number, warmupSteps })
}
