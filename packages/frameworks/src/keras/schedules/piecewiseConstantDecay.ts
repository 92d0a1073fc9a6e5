import { check, finite, InvalidOption, nonNegativeInteger, required, withDefaults } from '@gradchain/core'
import { constantSchedule, joinSchedules, type Schedule } from '@gradchain/schedules'

/** Options of {@link piecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** The last step of each value but the last one: whole numbers ≥ 0, each above the one before it. */
  readonly boundaries: readonly number[]
  /** The values, one more than boundaries. */
  readonly values: readonly number[]
}

/**
 * Keras's `PiecewiseConstantDecay`.
 *
 * A boundary still has the value before it: `boundaries: [10]` changes at step 11, where PyTorch's `MultiStepLR` and our own schedules change
 * at step 10. There is no learning rate but the values.
 *
 * @example
 * const schedule = keras.schedules.piecewiseConstantDecay({ boundaries: [10], values: [1, 0.5] })
 * schedule(10) // => 1
 * schedule(11) // => 0.5
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/}
 */
export const piecewiseConstantDecay = (options: PiecewiseConstantDecayOptions): Schedule => {
  const owner = 'keras.schedules.piecewiseConstantDecay'
  const { boundaries, values } = withDefaults<PiecewiseConstantDecayOptions>(owner, options, {
    boundaries: required,
    values: required
  })
  check(owner, { boundaries, values }, { what: 'an array of numbers', holds: Array.isArray })
  check(owner, Object.fromEntries(boundaries.map((boundary, i) => [`boundaries[${i}]`, boundary])), nonNegativeInteger)
  check(owner, Object.fromEntries(values.map((value, i) => [`values[${i}]`, value])), finite)
  if (values.length !== boundaries.length + 1) {
    throw new InvalidOption(`${owner}: values must be one more than boundaries, got ${values.length}`)
  }
  return Object.assign(
    joinSchedules(
      values.map(constantSchedule),
      boundaries.map((boundary) => boundary + 1)
    ),
    { origin: ['keras.schedules.piecewiseConstantDecay', { ...options }] }
  )
}
