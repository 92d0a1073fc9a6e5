import { check, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aQuantity, treeOf } from '../internal/quantity.js'
import { aScope, type ScopeOptions, scoped } from '../internal/scoped.js'
import { withMeasureOrigin } from '../internal/withMeasureOrigin.js'
import type { Quantity, Scope, Scoped, StepMeasure } from './stepMeasure.js'

/** Options of {@link normOf}. */
export type NormOfOptions<By extends Scope = Scope> = ScopeOptions<By>

/**
 * How large gradients, updates or params are, for {@link measured}: √Σx², of all arrays together or of each.
 *
 * Laws: the norm of all is that of the norms of the leaves.
 *
 * @example
 * const tx = measured(adam(0.1), { size: normOf('gradients'), sizes: normOf('gradients', { by: 'leaf' }) })
 * const params = { w: [0, 0], b: 0 }
 * const [, state] = tx.update({ w: [2, 2], b: 1 }, tx.init(params), params)
 * state.measurements // => { size: 3, sizes: { w: [2, 2], b: 1 } }
 *
 * @throws InvalidOption at construction, for a quantity or a scope that there is not.
 * @see gradientFlow, which reads them layer by layer.
 */
export const normOf = <By extends Scope = 'all'>(
  quantity: Quantity,
  options: NormOfOptions<By> = {}
): StepMeasure<Scoped<By>> => {
  check('normOf', { quantity }, aQuantity)
  const { by } = withDefaults<{ by: Scope }>('normOf', options, { by: 'all' })
  check('normOf', { by }, aScope)
  return withMeasureOrigin(['normOf', quantity, { ...options }], (step) =>
    scoped<By>(by, (x) => tree.norm(x), treeOf(quantity, step))
  )
}
