import { InvalidOption, show } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'

/**
 * The value of a schedule at a step.
 *
 * @throws InvalidOption when it is no number; NaN is one, as numerical trouble is data.
 */
export const valueAt = (owner: string, schedule: Schedule, step: number): number => {
  const value: unknown = schedule(step)
  if (typeof value === 'number') return value
  throw new InvalidOption(`${owner}: the value of the schedule at step ${step} must be a number, got ${show(value)}`)
}
