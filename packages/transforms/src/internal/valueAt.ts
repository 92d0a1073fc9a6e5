import { finite, InvalidOption, show } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'

/**
 * The value of a schedule at a step.
 *
 * @throws InvalidOption when it is no finite number: no update would survive that.
 */
export const valueAt = (owner: string, schedule: Schedule, step: number): number => {
  const value: unknown = schedule(step)
  if (finite.holds(value)) return value as number
  throw new InvalidOption(
    `${owner}: the value of the schedule at step ${step} must be a finite number, got ${show(value)}`
  )
}
