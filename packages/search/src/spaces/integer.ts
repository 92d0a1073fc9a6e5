import { boolean, check, InvalidOption, type Requirement, withDefaults } from '@gradchain/core'
import type { Integer } from './types.js'

/** Options of {@link integer}. */
export interface IntegerOptions {
  /** Whether small numbers are told apart more finely than large ones, as {@link logUniform} does; then `low` must be at least 1. @defaultValue `false` */
  readonly log?: boolean | undefined
}

const wholeNumber: Requirement = { what: 'a whole number', holds: (value) => Number.isSafeInteger(value) }

/**
 * A hyperparameter that is a whole number between two ends, both of them among the values.
 *
 * With `log` the number k has the share of the logarithm from k − ½ to k + ½.
 *
 * @param low - the least value, a whole number.
 * @param high - the largest value, a whole number that is not below the least.
 *
 * @example
 * integer(1, 8) // => { kind: 'integer', low: 1, high: 8, log: false }
 * integer(16, 1024, { log: true }).log // => true
 *
 * @throws InvalidOption for ends that are no whole numbers or in the wrong order, and with `log` for a least value below 1.
 */
export const integer = (low: number, high: number, options: IntegerOptions = {}): Integer => {
  const { log } = withDefaults('integer', options, { log: false })
  check('integer', { low, high }, wholeNumber)
  check('integer', { log }, boolean)
  if (high < low) throw new InvalidOption(`integer: high must be at least low, ${low}, got ${high}`)
  if (log && low < 1) throw new InvalidOption(`integer: low must be a whole number ≥ 1 with log, got ${low}`)
  return { kind: 'integer', low, high, log }
}
