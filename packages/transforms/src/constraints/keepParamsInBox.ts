import {
  add,
  check,
  type EmptyState,
  type GradientTransformation,
  less,
  type Requirement,
  required,
  sub,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link keepParamsInBox}. */
export interface KeepParamsInBoxOptions {
  /** The least value a that a param may have; `-Infinity` is no bound. */
  readonly lower: number
  /** The largest value b that a param may have, ≥ lower; `Infinity` is no bound. */
  readonly upper: number
}

/**
 * Shortens updates that would take params out of a box: these end at its side.
 *
 * Elementwise, for the update g and the param p:
 *
 *     u = a − p        where p + g < a
 *     u = b − p        where p + g > b
 *     u = g            elsewhere
 *
 * It stands last in a chain, after the learning rate: what it is given is what is added to the params. Adding a − p to p gives a
 * exactly where the two are within a factor of 2 of each other, else to within a rounding of the larger one; a bound of 0 is
 * always met exactly.
 *
 * Laws: elementwise; a ≤ p + u ≤ b, up to rounding; nothing changes where p + g is in the box, bit for bit; with no bounds it
 * is the identity; `{ lower: 0, upper: Infinity }` is {@link keepParamsNonnegative}.
 *
 * @example
 * const tx = keepParamsInBox({ lower: -1, upper: 1 })
 * const params = { w: [0.5, 0.5, 0.5] }
 * const [updates] = tx.update({ w: [8, 0.25, -8] }, tx.init(params), params)
 * applyUpdates(params, updates) // => { w: [1, 0.75, -1] }
 *
 * @throws InvalidOption at construction, when a bound is missing or NaN, or lower is above upper.
 * @see clip, which bounds the updates and not the params.
 */
export const keepParamsInBox = (options: KeepParamsInBoxOptions): GradientTransformation<EmptyState> => {
  const { lower, upper } = withDefaults<KeepParamsInBoxOptions>('keepParamsInBox', options, {
    lower: required,
    upper: required
  })
  check('keepParamsInBox', { lower, upper }, aBound)
  check('keepParamsInBox', { lower }, atMost(upper))

  return transformation<EmptyState>({
    origin: ['keepParamsInBox', { ...options }],
    init: () => ({}),
    update: (updates, state, params) => {
      const kept = tree.map(
        (g, p) => {
          const moved = add(p, g)
          return where(less(moved, lower), sub(lower, p), where(less(upper, moved), sub(upper, p), g))
        },
        updates,
        params
      )
      return [kept, state]
    }
  })
}

const aBound: Requirement = {
  what: 'a number other than NaN',
  holds: (value) => typeof value === 'number' && !Number.isNaN(value)
}

const atMost = (upper: number): Requirement => ({
  what: `at most upper, ${upper}`,
  holds: (value) => (value as number) <= upper
})
