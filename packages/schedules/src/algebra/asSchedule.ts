import { check, finite, orSchedule } from '@gradchain/core'
import { constantSchedule } from '../decay/constantSchedule.js'
import type { ScalarOrSchedule, Schedule } from '../types.js'

/**
 * A number as the constant schedule, a schedule as itself.
 *
 * Laws: idempotent; a schedule comes back as the same function.
 *
 * @example
 * asSchedule(0.1)(7) // => 0.1
 * asSchedule((step) => step / 2)(7) // => 3.5
 *
 * @throws InvalidOption when the value is neither a finite number nor a function.
 * @see constantSchedule
 */
export const asSchedule = (value: ScalarOrSchedule): Schedule => {
  check('asSchedule', { value }, orSchedule(finite))
  return typeof value === 'function' ? value : constantSchedule(value)
}
