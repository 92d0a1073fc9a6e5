import { check, finite, InvalidOption } from '@gradchain/core'
import type { Uniform } from './types.js'

/**
 * A hyperparameter that is a number between two ends, each number as likely as any other.
 *
 * @param low - the lower end, a finite number.
 * @param high - the upper end, a finite number above the lower.
 *
 * @example
 * uniform(0, 0.5) // => { kind: 'uniform', low: 0, high: 0.5 }
 *
 * @throws InvalidOption for ends that are not finite or in the wrong order.
 */
export const uniform = (low: number, high: number): Uniform => {
  check('uniform', { low, high }, finite)
  if (!(low < high && high - low < Infinity)) {
    throw new InvalidOption(`uniform: high must be above low, ${low}, by a finite number, got ${high}`)
  }
  return { kind: 'uniform', low, high }
}
