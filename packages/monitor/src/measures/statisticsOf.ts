import { check, div, type Expr, max, sqrt, square, sub, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aQuantity, treeOf } from '../internal/quantity.js'
import { withMeasureOrigin } from '../internal/withMeasureOrigin.js'
import type { Quantity, StepMeasure } from './stepMeasure.js'

/** What {@link statisticsOf} says, each a number in the state. */
export interface Statistics {
  readonly [key: string]: Expr | number
  /** The mean of the elements. */
  readonly mean: Expr | number
  /** How far they are from it: the root of the mean of the squares. */
  readonly deviation: Expr | number
  /** The smallest of them; Infinity of none. */
  readonly least: Expr | number
  /** The largest of them; −Infinity of none. */
  readonly most: Expr | number
}

/**
 * Mean, standard deviation, smallest and largest element of all arrays together, for {@link measured}: of gradients, updates or params, or of
 * a part of the state, which a function of the step gives.
 *
 *     mean = Σx / n          deviation = √max(Σx² / n − mean², 0)
 *
 * The sums are float64, and the deviation is one of their differences: where it is less than 1e-7 of the mean, little of it is right. A tree without
 * elements has mean and deviation 0.
 *
 * Laws: least ≤ mean ≤ most, up to rounding; of elements that are all equal the deviation is 0, up to that.
 *
 * @example
 * const tx = measured(trace(0.5), { velocity: statisticsOf(({ state }) => tree.get(state, 'trace') as Tree) })
 * const params = { w: [0, 0], b: 0 }
 * const [, state] = tx.update({ w: [1, 4], b: 1 }, tx.init(params), params)
 * state.measurements.velocity // => { mean: 2, deviation: 1.414…, least: 1, most: 4 }
 *
 * @throws InvalidOption at construction, for a quantity that there is not.
 */
export const statisticsOf = (quantity: Quantity): StepMeasure<Statistics> => {
  check('statisticsOf', { quantity }, aQuantity)
  return withMeasureOrigin(['statisticsOf', quantity], (step) => {
    const values = treeOf(quantity, step)
    const size = Math.max(1, tree.size(values))
    const mean: Value = div(tree.sum(values), size)
    const variance = sub(div(tree.squaredNorm(values), size), square(mean))
    return { mean, deviation: sqrt(max(variance, 0)), least: tree.min(values), most: tree.max(values) }
  })
}
