import { check, neg, withDefaults } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aScope, ratio, type ScopeOptions, scoped } from '../internal/scoped.js'
import { withMeasureOrigin } from '../internal/withMeasureOrigin.js'
import type { Scope, Scoped, StepMeasure } from './stepMeasure.js'

/** Options of {@link effectiveLearningRate}. */
export type EffectiveLearningRateOptions<By extends Scope = Scope> = ScopeOptions<By>

/**
 * The learning rate with which plain gradient descent would go as far along the gradient, for {@link measured}.
 *
 *     η = −⟨u, g⟩ / ⟨g, g⟩          0 where u is across g, or 0
 *
 * Of `sgd` it is the rate; with momentum γ it grows towards rate / (1 − γ) while the gradient stays; of Adam it says how much
 * rates differ from layer to layer. It is negative where the step goes uphill.
 *
 * Laws: linear in the updates; scaling the gradient by c divides it by c where the updates stay.
 *
 * @example
 * const tx = measured(sgd(0.1, { momentum: 0.9 }), { rate: effectiveLearningRate() })
 * const params = { w: 0 }
 * let state = tx.init(params)
 * for (let t = 0; t < 200; t++) state = tx.update({ w: 2 }, state, params)[1]
 * read(state.measurements.rate).toFixed(6) // => '1.000000'
 *
 * @throws InvalidOption at construction, for a scope that there is not.
 */
export const effectiveLearningRate = <By extends Scope = 'all'>(
  options: EffectiveLearningRateOptions<By> = {}
): StepMeasure<Scoped<By>> => {
  const { by } = withDefaults<{ by: Scope }>('effectiveLearningRate', options, { by: 'all' })
  check('effectiveLearningRate', { by }, aScope)
  return withMeasureOrigin(['effectiveLearningRate', { ...options }], ({ updates, gradients }) =>
    scoped<By>(by, (u, g) => ratio(neg(tree.vdot(u, g)), tree.squaredNorm(g)), updates, gradients)
  )
}
