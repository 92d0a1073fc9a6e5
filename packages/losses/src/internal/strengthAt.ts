import { check, nonNegative } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'

/** The value of a schedule of strengths at a step, finite and ≥ 0. */
export const strengthAt = (owner: string, name: string, schedule: Schedule, step: number): number => {
  const value = schedule(step)
  check(owner, { [`${name} at step ${step}`]: value }, nonNegative)
  return value
}
