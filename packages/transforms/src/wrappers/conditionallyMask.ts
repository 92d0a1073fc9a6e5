import type { AnyGradientTransformation, ExtraOf, GradientTransformation, StateOf } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { conditionally } from '../internal/conditionally.js'
import type { Condition } from './condition.js'

/** State of {@link conditionallyMask}. */
export interface ConditionallyMaskState<Inner> {
  /** How many updates were seen, which is the step of the next one. */
  readonly step: number
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Lets the inner transformation act only at the steps where a condition holds; at the others the update is zero.
 *
 * At step t = 0, 1, 2, …, counted whether it acts or not:
 *
 *     u = inner(g)    where condition(t, extra)
 *     u = 0           elsewhere, and the state of inner stays as it was
 *
 * The condition is also given what the update is given beyond the params, such as the value of the loss; what it asks of
 * that, the update asks for.
 *
 * Laws: always true is `inner`, always false sets to zero; the gradients of steps where it does not act might as well not
 * have been.
 *
 * @param inner - the transformation.
 * @param condition - a pure function `(step, extra) => boolean`.
 *
 * @example
 * // Act only where the loss is not too large.
 * const tx = conditionallyMask(scale(-1), (_, { value }: { value: number }) => value < 100)
 * const params = { w: 0 }
 * const [calm, state] = tx.update({ w: 5 }, tx.init(params), params, { value: 1 })
 * calm // => { w: -5 }
 * tx.update({ w: 5 }, state, params, { value: 1e6 }) // => [{ w: 0 }, { step: 2, innerState: {} }]
 *
 * @throws InvalidOption at construction, when the condition is no function; at update, when it returns no boolean.
 * @see conditionallyTransform, multiSteps
 */
export const conditionallyMask = <T extends AnyGradientTransformation, Extra = ExtraOf<T>>(
  inner: T,
  condition: Condition<Extra>
): GradientTransformation<ConditionallyMaskState<StateOf<T>>, ExtraOf<T> & Extra> =>
  conditionally('conditionallyMask', inner, condition, (updates) => tree.zerosLike(updates))
