import {
  type AnyGradientTransformation,
  callable,
  check,
  type DType,
  definitionOf,
  type ExtraOf,
  equal,
  type GradientTransformation,
  inUnitInterval,
  max,
  min,
  mul,
  neg,
  nonNegativeInteger,
  type Operand,
  optional,
  positive,
  positiveInteger,
  type StateOf,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  where,
  withDefaults
} from '@gradchain/core'
import { cosPi } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'

/** Options of {@link clipSpikes}. */
export interface ClipSpikesOptions<S = unknown> {
  /** How many times as large as its mean a square may be, θ, finite and > 0. @defaultValue `5000` */
  readonly threshold?: number
  /** Decay rate β₂ of the mean of squares, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** How many gradients the mean of squares must hold before it is relied on, a whole number ≥ 0. @defaultValue `20` */
  readonly graceSteps?: number
  /** After how many updates `inner` and the mean of squares start afresh, a whole number ≥ 1; without it they never do. */
  readonly resetPeriod?: number | undefined
  /** For how many updates after such a start the updates of `inner` are shortened, a whole number ≥ 0. @defaultValue `150` */
  readonly warmupSteps?: number
  /**
   * Where in the state of `inner` the mean of squares stands that it keeps of the same gradients, with the same β₂; without it, one of
   * its own is kept.
   */
  readonly secondMoment?: ((innerState: S) => Tree) | undefined
  /** The dtype in which a mean of its own is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link clipSpikes}. */
export interface ClipSpikesState<S> {
  /** How many updates were seen since the last start. */
  readonly count: number
  /** How many times `inner` started afresh. */
  readonly resets: number
  /** The mean v of squares, shaped like the params; `null` where that of `inner` is looked at. */
  readonly nu: Tree
  /** State of the inner transformation, which saw bounded gradients. */
  readonly innerState: S
}

/**
 * Gives another transformation gradients without spikes, and lets it forget, now and then, what spikes have done to its momentum: SPAM.
 *
 * Elementwise, for the gradient g at step t = 1, 2, …, from v₀ = 0, with θ = threshold:
 *
 *     ĝ  = g bounded to ±√(θ vₜ₋₁)           g where t ≤ graceSteps, and where vₜ₋₁ = 0
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) ĝ²
 *
 * and `inner` is given ĝ for g. With a `resetPeriod` of k everything starts afresh after every k updates: the state of `inner`, v and
 * t. The updates w of `inner` after such a start, the first one left out, are shortened for N = warmupSteps updates:
 *
 *     u = w (1 − 0.99 (1 + cos(π (t − 1) / N)) / 2)      while t ≤ N
 *
 * Around Adam there is no need to keep v twice:
 *
 *     clipSpikes(scaleByAdam(), { secondMoment: ({ nu }) => nu })
 *
 * The paper has k = 500 and N = 150. Unlike in the authors' code a new start is one for the correction of Adam's moments too, and a
 * gradient where there never was one is not taken for a spike: there, such an element is bounded to 0 for ever.
 *
 * Laws: without a reset it is `inner` where no square is more than θ times its mean, as for gradients that stay the same; the signs of
 * what `inner` is given are those of the gradients; odd, and elementwise, where `inner` is.
 *
 * @example
 * const tx = clipSpikes(identity(), { threshold: 4, b2: 0.75, graceSteps: 1 })
 * const params = { w: 0 }
 * const [, state] = tx.update({ w: 2 }, tx.init(params), params)
 * // v is ¼ · 2², and √(4 v) is 2.
 * tx.update({ w: -100 }, state, params)[0] // => { w: -2 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, as {@link transformation}, when what
 * `secondMoment` gives is not shaped like the params.
 * @see Huang et al. (2025), SPAM: Spike-Aware Adam with Momentum Reset for Stable LLM Training, algorithm 1,
 * {@link https://arxiv.org/abs/2501.06842}
 * @see stableUpdates
 */
export const clipSpikes = <T extends AnyGradientTransformation>(
  inner: T,
  options: ClipSpikesOptions<StateOf<T>> = {}
): GradientTransformation<ClipSpikesState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('clipSpikes', inner)
  const { threshold, b2, graceSteps, resetPeriod, warmupSteps, secondMoment, nuDtype } = withDefaults<
    Required<ClipSpikesOptions<StateOf<T>>>
  >('clipSpikes', options, {
    threshold: 5000,
    b2: 0.999,
    graceSteps: 20,
    resetPeriod: undefined,
    warmupSteps: 150,
    secondMoment: undefined,
    nuDtype: undefined
  })
  check('clipSpikes', { threshold }, positive)
  check('clipSpikes', { b2 }, inUnitInterval)
  check('clipSpikes', { graceSteps, warmupSteps }, nonNegativeInteger)
  check('clipSpikes', { resetPeriod }, optional(positiveInteger))
  check('clipSpikes', { secondMoment }, optional(callable))
  check('clipSpikes', { nuDtype }, dtypeOption)

  const bounded = (g: Operand, v: Operand): Operand => {
    const limit = sqrt(mul(threshold, v))
    return where(equal(v, 0), g, max(neg(limit), min(limit, g)))
  }
  const start = (params: Tree, resets: number): ClipSpikesState<StateOf<T>> => ({
    count: 0,
    resets,
    nu: secondMoment === undefined ? tree.zerosLike(tree.widen(params), nuDtype) : null,
    innerState: init(params)
  })

  return transformation<ClipSpikesState<StateOf<T>>, ExtraOf<T>>({
    origin: ['clipSpikes', inner, { ...options }],
    init: (params) => start(params, 0),
    update: (updates, state, params, extra) => {
      const { count, resets, nu, innerState } = state.count === resetPeriod ? start(params, state.resets + 1) : state
      const own = secondMoment === undefined
      const known = own ? nu : secondMoment(innerState)
      const given = count < graceSteps ? updates : tree.map(bounded, updates, known)
      const [steps, next] = update(given, innerState, params, extra)
      const moved = own
        ? tree.castLike(
            tree.map((g, v) => updateMoment(g, v, b2, 2), given, nu),
            nu
          )
        : null
      const share = resets === 0 || count >= warmupSteps ? 1 : 1 - 0.99 * (0.5 + 0.5 * cosPi(count / warmupSteps))
      const shortened = share === 1 ? steps : tree.map((w) => mul(share, w), steps)
      return [shortened, { count: count + 1, resets, nu: moved, innerState: next }]
    }
  })
}
