import { check, neg, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aScope, ratio, type ScopeOptions, scoped } from '../internal/scoped.js'
import { withMeasureOrigin } from '../internal/withMeasureOrigin.js'
import type { Scope, Scoped, StepMeasure } from './stepMeasure.js'

/** Options of {@link descentCosine}. */
export type DescentCosineOptions<By extends Scope = Scope> = ScopeOptions<By>

/**
 * How far the step goes along steepest descent, for {@link measured}: the cosine of the angle between the updates and −g.
 *
 *     −⟨u, g⟩ / (‖u‖ ‖g‖)          0 where u or g is
 *
 * It is 1 for `sgd`, near 0 where momentum or preconditioning lead elsewhere, and below 0 where the step goes against the gradient at hand.
 *
 * Laws: in [−1, 1], up to rounding; scaling updates or gradients by a number above 0 changes nothing; odd in each.
 *
 * @example
 * const tx = measured(sgd(0.1, { momentum: 0.5 }), { cosine: descentCosine() })
 * const params = { w: 0 }
 * const [, first] = tx.update({ w: 8 }, tx.init(params), params)
 * const [, second] = tx.update({ w: -1 }, first, params)
 * // The velocity of 8 · 0.5 − 1 still goes the old way.
 * second.measurements // => { cosine: -1 }
 *
 * @throws InvalidOption at construction, for a scope that there is not.
 */
export const descentCosine = <By extends Scope = 'all'>(
  options: DescentCosineOptions<By> = {}
): StepMeasure<Scoped<By>> => {
  const { by } = withDefaults<{ by: Scope }>('descentCosine', options, { by: 'all' })
  check('descentCosine', { by }, aScope)
  return withMeasureOrigin(['descentCosine', { ...options }], ({ updates, gradients }) =>
    scoped<By>(
      by,
      // One norm after the other: their product may be 0.
      (u, g) => ratio(ratio(neg(tree.vdot(u, g)), tree.norm(u)), tree.norm(g)),
      updates,
      gradients
    )
  )
}
