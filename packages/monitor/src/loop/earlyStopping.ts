import { callable, check, nonNegative, oneOf, positiveInteger, required, withDefaults } from '@gradchain/core'
import type { LoopCallback } from './fitLoop.js'

/** Options of {@link earlyStopping}. */
export interface EarlyStoppingOptions<Event> {
  /** After how many values in a row that are no better than the best to stop, a whole number ≥ 1. */
  readonly patience: number
  /** By how much a value must be better to count as such, finite and ≥ 0. @defaultValue `0` */
  readonly minDelta?: number | undefined
  /** Whether better is smaller or larger. @defaultValue `'min'` */
  readonly mode?: 'min' | 'max' | undefined
  /** Which value of an event is looked at, a loss of validation for instance. @defaultValue `({ loss }) => loss` */
  readonly value?: ((event: Event) => number) | undefined
}

/** State of {@link earlyStopping}. */
export interface EarlyStoppingState {
  /** The best value so far; ±Infinity before the first. */
  readonly best: number
  /** Which value was the best, counted from 1; 0 before the first. */
  readonly bestAt: number
  /** How many values were seen. */
  readonly count: number
  /** How many values in a row, up to the last, were no better. */
  readonly waited: number
}

/**
 * Ends a loop when nothing gets better any more.
 *
 *     better: value < best − minDelta          value > best + minDelta in mode 'max'
 *     stop when waited ≥ patience
 *
 * NaN is better than nothing, so that a loss that is no longer a number ends the loop, too.
 *
 * Laws: a value that is added to all changes nothing but `best`; mode 'max' of values is mode 'min' of their negatives; it never stops while
 * values improve by more than minDelta.
 *
 * @example
 * const { init, update, shouldStop } = earlyStopping<{ loss: number }>({ patience: 2 })
 * const states = [3, 2, 2.5, 2].reduce((seen, loss) => [...seen, update(seen.at(-1) ?? init, { loss })], [init])
 * states.map(shouldStop) // => [false, false, false, false, true]
 * states.at(-1) // => { best: 2, bestAt: 2, count: 4, waited: 2 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see fitLoop
 */
export const earlyStopping = <Event = { readonly loss: number }>(
  options: EarlyStoppingOptions<Event>
): LoopCallback<EarlyStoppingState, Event> => {
  const { patience, minDelta, mode, value } = withDefaults('earlyStopping', options, {
    patience: required as number,
    minDelta: 0,
    mode: 'min' as 'min' | 'max',
    // What an event is by default, its type says.
    value: (event: Event) => (event as { readonly loss: number }).loss
  })
  check('earlyStopping', { patience }, positiveInteger)
  check('earlyStopping', { minDelta }, nonNegative)
  check('earlyStopping', { mode }, oneOf('min', 'max'))
  check('earlyStopping', { value }, callable)
  const sign = mode === 'min' ? 1 : -1

  return {
    init: { best: sign * Infinity, bestAt: 0, count: 0, waited: 0 },
    update: ({ best, bestAt, count, waited }, event) => {
      const found = value(event)
      // The first number is better than none.
      const isBetter = sign * found < sign * best - minDelta
      return isBetter
        ? { best: found, bestAt: count + 1, count: count + 1, waited: 0 }
        : { best, bestAt, count: count + 1, waited: waited + 1 }
    },
    shouldStop: ({ waited }) => waited >= patience
  }
}
