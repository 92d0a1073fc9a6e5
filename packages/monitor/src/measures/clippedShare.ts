import { abs, check, div, greater, nonNegative, sum, where, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aQuantity, treeOf } from '../internal/quantity.js'
import { aScope, type ScopeOptions, scoped } from '../internal/scoped.js'
import { withMeasureOrigin } from '../internal/withMeasureOrigin.js'
import type { Quantity, Scope, Scoped, StepMeasure } from './stepMeasure.js'

/** Options of {@link clippedShare}. */
export interface ClippedShareOptions<By extends Scope = Scope> extends ScopeOptions<By> {
  /** What is looked at. @defaultValue `'gradients'` */
  readonly of?: Quantity
}

/**
 * The share of elements that clipping to ±maxDelta would change, for {@link measured}; 0 of none.
 *
 *     #{ |x| > maxDelta } / n
 *
 * How often a norm is clipped is a number for each step, and its mean one for many: `averaged` of a function of yours.
 *
 * Laws: in [0, 1]; falls as maxDelta grows.
 *
 * @param maxDelta - the bound, finite and ≥ 0, as that of `clip`.
 *
 * @example
 * const tx = measured(chain(clip(1), sgd(0.1)), { clipped: clippedShare(1) })
 * const params = { w: [0, 0], b: [0, 0] }
 * const [, state] = tx.update({ w: [3, 1], b: [-2, -1] }, tx.init(params), params)
 * state.measurements // => { clipped: 0.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 */
export const clippedShare = <By extends Scope = 'all'>(
  maxDelta: number,
  options: ClippedShareOptions<By> = {}
): StepMeasure<Scoped<By>> => {
  const { by, of } = withDefaults<{ by: Scope; of: Quantity }>('clippedShare', options, { by: 'all', of: 'gradients' })
  check('clippedShare', { maxDelta }, nonNegative)
  check('clippedShare', { of }, aQuantity)
  check('clippedShare', { by }, aScope)
  return withMeasureOrigin(['clippedShare', maxDelta, { ...options }], (step) =>
    scoped<By>(
      by,
      (values) => {
        const over = tree.map((x) => sum(where(greater(abs(x), maxDelta), 1, 0)), values)
        return div(tree.sum(over), Math.max(1, tree.size(values)))
      },
      treeOf(of, step)
    )
  )
}
