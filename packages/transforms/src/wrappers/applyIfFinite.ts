import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  nonNegativeInteger,
  type StateOf,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { countNotFinite } from '../internal/countNotFinite.js'

/** State of {@link applyIfFinite}. */
export interface ApplyIfFiniteState<Inner> {
  /** How many gradients in a row, up to the last one, were not finite. */
  readonly notfiniteCount: number
  /** Whether the last gradients were finite; `true` before the first. */
  readonly lastFinite: boolean
  /** How many gradients were not finite so far. */
  readonly totalNotfinite: number
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Ignores gradients that hold a NaN or an infinity: the update is zero, and the inner transformation is not called, its state
 * stays as it was.
 *
 * When more than `maxConsecutiveErrors` come in a row they are let through, so that trouble that does not pass becomes
 * visible; the count goes on until gradients are finite again.
 *
 * It looks at the incoming gradients, not at what the inner transformation makes of them.
 *
 * Laws: on finite gradients, `inner`; up to `maxConsecutiveErrors` bad gradients in a row might as well not have been; with
 * `maxConsecutiveErrors` 0, `inner` on any.
 *
 * @example
 * const tx = applyIfFinite(scale(-0.1), 2)
 * const params = { w: [0, 0] }
 * const [updates, state] = tx.update({ w: [10, NaN] }, tx.init(params), params)
 * updates // => { w: [0, 0] }
 * state // => { notfiniteCount: 1, lastFinite: false, totalNotfinite: 1, innerState: {} }
 *
 * @throws InvalidOption at construction, when `maxConsecutiveErrors` is not a whole number ≥ 0.
 * @see skipNotFinite
 */
export const applyIfFinite = <T extends AnyGradientTransformation>(
  inner: T,
  maxConsecutiveErrors: number
): GradientTransformation<ApplyIfFiniteState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('applyIfFinite', inner)
  check('applyIfFinite', { maxConsecutiveErrors }, nonNegativeInteger)

  return transformation<ApplyIfFiniteState<StateOf<T>>, ExtraOf<T>>({
    origin: ['applyIfFinite', inner, maxConsecutiveErrors],
    init: (params) => ({ notfiniteCount: 0, lastFinite: true, totalNotfinite: 0, innerState: init(params) }),
    update: (updates, state, params, extra) => {
      const lastFinite = countNotFinite(updates) === 0
      const notfiniteCount = lastFinite ? 0 : state.notfiniteCount + 1
      const totalNotfinite = state.totalNotfinite + (lastFinite ? 0 : 1)
      const isAccepted = lastFinite || notfiniteCount > maxConsecutiveErrors
      const [transformed, innerState] = isAccepted
        ? update(updates, state.innerState, params, extra)
        : [tree.zerosLike(updates), state.innerState]
      return [transformed, { notfiniteCount, lastFinite, totalNotfinite, innerState }]
    }
  })
}
