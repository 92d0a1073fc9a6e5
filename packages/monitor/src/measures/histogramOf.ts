import {
  abs,
  boolean,
  check,
  type Expr,
  greaterEqual,
  less,
  type Requirement,
  sub,
  sum,
  type Tree,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aQuantity, treeOf } from '../internal/quantity.js'
import { withMeasureOrigin } from '../internal/withMeasureOrigin.js'
import type { Quantity, StepMeasure } from './stepMeasure.js'

/** Options of {@link histogramOf}. */
export interface HistogramOfOptions {
  /** Where one bin ends and the next begins: one number or more, ascending, finite. */
  readonly edges: readonly number[]
  /** Whether |x| is counted, and not x. @defaultValue `false` */
  readonly ofMagnitudes?: boolean
}

/**
 * How many elements lie between which values, of all arrays together, for {@link measured}.
 *
 * With k edges there are k + 1 counts: below the first edge, from each edge to the next, which does not belong to it, and from the last on. NaN
 * is counted nowhere. The edges are fixed, so that histograms of different steps can be compared; {@link decades} makes them for magnitudes.
 *
 * Each edge is a sum over all elements: where that is too much, {@link everySteps} does it now and then.
 *
 * Laws: the counts add up to the number of elements that are not NaN; edges that are left out merge their bins.
 *
 * @example
 * const tx = measured(sgd(0.1), { sizes: histogramOf('gradients', { edges: decades(-2, 0), ofMagnitudes: true }) })
 * const params = { w: [0, 0, 0], b: 0 }
 * const [, state] = tx.update({ w: [0, -0.05, 0.01], b: 7 }, tx.init(params), params)
 * // |g| < 0.01, from 0.01 to 0.1, from 0.1 to 1, and from 1 on.
 * state.measurements.sizes // => [1, 2, 0, 1]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 */
export const histogramOf = (
  quantity: Quantity,
  options: HistogramOfOptions
): StepMeasure<readonly (Expr | number)[]> => {
  check('histogramOf', { quantity }, aQuantity)
  const { edges, ofMagnitudes } = withDefaults('histogramOf', options, {
    edges: [] as readonly number[],
    ofMagnitudes: false
  })
  check('histogramOf', { edges }, ascending)
  check('histogramOf', { ofMagnitudes }, boolean)
  const bounds = [...edges]

  return withMeasureOrigin(['histogramOf', quantity, { ...options, edges: bounds }], (step) => {
    const given = treeOf(quantity, step)
    const values: Tree = ofMagnitudes ? tree.map((x) => abs(x), given) : given
    const count = (holds: (x: Value, edge: number) => Value, edge: number): Value =>
      tree.sum(tree.map((x) => sum(where(holds(x as Value, edge), 1, 0)), values))
    const below = bounds.map((edge) => count(less, edge))
    const above = count(greaterEqual, bounds.at(-1) as number)
    return [...below.map((n, i) => (i === 0 ? n : sub(n, below[i - 1] as Value))), above]
  })
}

const ascending: Requirement = {
  what: 'a list of finite numbers, one or more, each above the one before',
  holds: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > value[i - 1]))
}
