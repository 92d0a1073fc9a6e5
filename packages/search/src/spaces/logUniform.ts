import { check, InvalidOption, positive } from '@gradchain/core'
import type { LogUniform } from './types.js'

/**
 * A hyperparameter that is a positive number between two ends, each order of magnitude as likely as any other: learning rates,
 * weight decay, anything of which 1 and 10 differ as 10 and 100 do.
 *
 * @param low - the lower end, a finite number > 0.
 * @param high - the upper end, a finite number above the lower.
 *
 * @example
 * logUniform(1e-5, 1) // => { kind: 'logUniform', low: 0.00001, high: 1 }
 *
 * @throws InvalidOption for ends that are not positive or in the wrong order.
 */
export const logUniform = (low: number, high: number): LogUniform => {
  check('logUniform', { low, high }, positive)
  if (!(low < high)) throw new InvalidOption(`logUniform: high must be above low, ${low}, got ${high}`)
  return { kind: 'logUniform', low, high }
}
