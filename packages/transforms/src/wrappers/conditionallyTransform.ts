import type { AnyGradientTransformation, ExtraOf, GradientTransformation, StateOf } from '@gradchain/core'
import { conditionally } from '../internal/conditionally.js'
import type { Condition } from './condition.js'

/** State of {@link conditionallyTransform}. */
export interface ConditionallyTransformState<Inner> {
  /** How many updates were seen, which is the step of the next one. */
  readonly step: number
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Lets the inner transformation act only at the steps where a condition holds. **At the others updates pass through
 * unchanged**: around a whole optimizer that lets raw gradients through, and adding those climbs; there
 * {@link conditionallyMask} is what you want.
 *
 * At step t = 0, 1, 2, …, counted whether it acts or not:
 *
 *     u = inner(g)    where condition(t, extra)
 *     u = g           elsewhere, and the state of inner stays as it was
 *
 * The condition is also given what the update is given beyond the params, such as the value of the loss; what it asks of
 * that, the update asks for.
 *
 * Laws: always true is `inner`, always false the identity; `inner` sees only the gradients of the steps where it acts.
 *
 * @param inner - the transformation.
 * @param condition - a pure function `(step, extra) => boolean`.
 *
 * @example
 * // Clip during the first two steps only.
 * const tx = conditionallyTransform(clip(1), (step) => step < 2)
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 5 }, { ...tx.init(params), step: 1 }, params)
 * first // => { w: 1 }
 * tx.update({ w: 5 }, state, params)[0] // => { w: 5 }
 *
 * @throws InvalidOption at construction, when the condition is no function; at update, when it returns no boolean.
 * @see conditionallyMask, applyIfFinite
 */
export const conditionallyTransform = <T extends AnyGradientTransformation, Extra = ExtraOf<T>>(
  inner: T,
  condition: Condition<Extra>
): GradientTransformation<ConditionallyTransformState<StateOf<T>>, ExtraOf<T> & Extra> =>
  conditionally('conditionallyTransform', inner, condition, (updates) => updates)
