import { check, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aScope, ratio, type ScopeOptions, scoped } from '../internal/scoped.js'
import { withMeasureOrigin } from '../internal/withMeasureOrigin.js'
import type { Scope, Scoped, StepMeasure } from './stepMeasure.js'

/** Options of {@link updateRatio}. */
export type UpdateRatioOptions<By extends Scope = Scope> = ScopeOptions<By>

/**
 * How large a step is beside the params, for {@link measured}: about 1e-3 is usual, ten times as much or as little is not.
 *
 *     ‖u‖ / ‖p‖            0 where u is, infinite for a step away from params of zero
 *
 * It is of the updates as they are, with momentum, clipping and all, and not of a gradient times a rate.
 *
 * Laws: scaling updates and params alike changes nothing.
 *
 * @example
 * const tx = measured(sgd(0.5), { ratio: updateRatio({ by: 'leaf' }) })
 * const params = { w: 10, b: -2 }
 * const [, state] = tx.update({ w: 1, b: 4 }, tx.init(params), params)
 * state.measurements.ratio // => { w: 0.05, b: 1 }
 *
 * @throws InvalidOption at construction, for a scope that there is not.
 * @see diagnose
 */
export const updateRatio = <By extends Scope = 'all'>(
  options: UpdateRatioOptions<By> = {}
): StepMeasure<Scoped<By>> => {
  const { by } = withDefaults<{ by: Scope }>('updateRatio', options, { by: 'all' })
  check('updateRatio', { by }, aScope)
  return withMeasureOrigin(['updateRatio', { ...options }], ({ updates, params }) =>
    scoped<By>(by, (u, p) => ratio(tree.norm(u), tree.norm(p)), updates, params)
  )
}
