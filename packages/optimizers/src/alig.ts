import {
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  inUnitInterval,
  nonNegative,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type ScaleByPolyakExtra, scale, scaleByPolyak, type TraceState, trace } from '@gradchain/transforms'

/** Options of {@link alig}. */
export interface AligOptions {
  /** Decay rate β of the momentum, in `[0, 1)`. @defaultValue `0` */
  readonly momentum?: number
  /** Added to the squared norm, finite and ≥ 0. @defaultValue `1e-5` */
  readonly eps?: number
}

/** State of {@link alig}. */
export type AligState = readonly [EmptyState, TraceState, EmptyState]

/**
 * ALI-G: gradient descent with the step size that would bring a loss to 0, where it can get there, bounded, and with Nesterov's
 * momentum; `update` takes the value of the loss as `{ value }`.
 *
 *     chain(scaleByPolyak({ maxLearningRate, eps }), trace(momentum, { nesterov: true }), scale(-1))
 *
 * For the gradient g, all leaves together, the loss f at the params and η = maxLearningRate, from τ₀ = 0:
 *
 *     γ = min(f / (‖g‖² + eps), η)          ‖g‖² = Σg², over all elements of all leaves
 *     τₜ = γ g + β τₜ₋₁
 *     uₜ = −(γ g + β τₜ)
 *
 * The loss is to be one that can be 0, with a regularization as a constraint in place of a term of it: `projectTo` behind it, or
 * `maxNorm`. The program of the authors does so with the norm of all params together.
 *
 * Laws: odd in the history of gradients; without momentum it is {@link polyakSgd} with the same bound and eps.
 *
 * @param maxLearningRate - the longest step η, the one hyperparameter there is to tune, finite and ≥ 0.
 *
 * @example
 * const tx = alig(0.5, { eps: 0 })
 * const params = { w: 8 }
 * // f = |w| / 4
 * step(tx, { w: 0.25 }, tx.init(params), params, { value: 2 })[0] // => { w: 7.875 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Berrada, Zisserman and Kumar (2020), Training Neural Networks for and by Interpolation, algorithm 1,
 * {@link https://arxiv.org/abs/1906.05661}
 */
export const alig = (
  maxLearningRate: number,
  options: AligOptions = {}
): GradientTransformation<AligState, ScaleByPolyakExtra> => {
  const { momentum, eps } = withDefaults<Required<AligOptions>>('alig', options, { momentum: 0, eps: 1e-5 })
  check('alig', { maxLearningRate }, nonNegative)
  check('alig', { momentum }, inUnitInterval)

  return withOrigin(
    ['alig', maxLearningRate, { ...options }],
    chain(scaleByPolyak({ maxLearningRate, eps }), trace(momentum, { nesterov: true }), scale(-1))
  )
}
