import {
  type AnyGradientTransformation,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  isFinite,
  type Operand,
  type StateOf,
  sub,
  type Tree,
  transformation,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** State of {@link errorFeedback}. */
export interface ErrorFeedbackState<Inner> {
  /** What was held back so far, e, shaped like the params. */
  readonly residual: Tree
  /** State of the compressor. */
  readonly innerState: Inner
}

/**
 * Remembers what a compressor held back, and adds it to the next gradient, so that nothing is lost but time.
 *
 * For the gradient g at step t = 1, 2, … and a compressor C, from e₀ = 0:
 *
 *     aₜ = g + eₜ₋₁
 *     uₜ = C(aₜ)
 *     eₜ = aₜ − uₜ, 0 where uₜ is not finite
 *
 * The sum of all updates and of the residual is the sum of all gradients. What is held back is kept in full precision. NaN or an infinity that
 * is let through leaves nothing behind, so that a step that is then left out is over; one that the compressor does not let through stays in the residual
 * until it does.
 *
 * Laws: around the identity it is the identity; uₜ + eₜ = g + eₜ₋₁, exactly for what keeps elements whole, as {@link topK} and
 * {@link randomK} do, and up to rounding for others.
 *
 * @param compressor - what makes less of the updates: a transformation, or a chain of some.
 *
 * @example
 * const tx = errorFeedback(topK(0.5))
 * const params = { w: new Float32Array(2) }
 * const [first, state] = tx.update({ w: new Float32Array([3, 2]) }, tx.init(params), params)
 * first // => { w: Float32Array [3, 0] }
 * state.residual // => { w: Float32Array [0, 2] }
 * tx.update({ w: new Float32Array([3, 2]) }, state, params)[0] // => { w: Float32Array [0, 4] }
 *
 * @throws InvalidOption at construction, for what is no transformation.
 * @see Karimireddy et al. (2019), Error Feedback Fixes SignSGD and other Gradient Compression Schemes, algorithm 2, {@link https://arxiv.org/abs/1901.09847}
 * @see Seide et al. (2014), 1-Bit Stochastic Gradient Descent and its Application to Data-Parallel Distributed Training of Speech DNNs
 */
export const errorFeedback = <T extends AnyGradientTransformation>(
  compressor: T
): GradientTransformation<ErrorFeedbackState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('errorFeedback', compressor)
  return transformation<ErrorFeedbackState<StateOf<T>>, ExtraOf<T>>({
    origin: ['errorFeedback', compressor],
    init: (params) => ({ residual: tree.zerosLike(tree.widen(params)), innerState: init(params) as StateOf<T> }),
    update: (updates, { residual, innerState }, params, extra) => {
      const wanted = tree.add(updates, residual)
      const [compressed, inner] = update(wanted, innerState, params, extra)
      // Rounded to 16 bits here, where that is what leaves, so that what rounding takes is kept, too.
      const sent = tree.castLike(compressed, updates)
      // ∞ − ∞ and NaN would stay: what was sent whole leaves nothing.
      const rest = tree.map((a: Operand, u: Operand) => where(isFinite(u), sub(a, u), 0), wanted, sent)
      const left = tree.castLike(rest, residual)
      return [sent, { residual: left, innerState: inner as StateOf<T> }]
    }
  })
}
