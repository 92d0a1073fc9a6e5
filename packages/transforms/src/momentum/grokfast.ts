import {
  add,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link grokfast}. */
export interface GrokfastOptions {
  /** Decay rate α of the mean gradient, in `[0, 1)`. @defaultValue `0.98` */
  readonly alpha?: number
  /** How much of the mean is added, λ, finite and ≥ 0. @defaultValue `2` */
  readonly lambda?: number
  /** The dtype in which the mean is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link grokfast}. */
export interface GrokfastState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean gradient, shaped like the params. */
  readonly ema: Tree
}

/**
 * Amplifies what changes slowly in the gradients: Grokfast, with a moving average as the filter. It stands first in a chain.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from h₀ = g₁:
 *
 *     hₜ = α hₜ₋₁ + (1 − α) g
 *     uₜ = g + λ hₜ
 *
 * Laws: elementwise; linear; with λ = 0 it is the identity; a gradient that stays the same is multiplied by 1 + λ.
 *
 * @example
 * const tx = grokfast({ alpha: 0.5, lambda: 2 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 12 }
 * tx.update({ w: -2 }, state, params)[0] // => { w: 0 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Lee et al. (2024), Grokfast: Accelerated Grokking by Amplifying Slow Gradients, algorithm 1,
 * {@link https://arxiv.org/abs/2405.20233}
 */
export const grokfast = (options: GrokfastOptions = {}): GradientTransformation<GrokfastState> => {
  const { alpha, lambda, accumulatorDtype } = withDefaults<Required<GrokfastOptions>>('grokfast', options, {
    alpha: 0.98,
    lambda: 2,
    accumulatorDtype: undefined
  })
  check('grokfast', { alpha }, inUnitInterval)
  check('grokfast', { lambda }, nonNegative)
  check('grokfast', { accumulatorDtype }, dtypeOption)

  return transformation<GrokfastState>({
    origin: ['grokfast', { ...options }],
    init: (params) => ({ count: 0, ema: tree.zerosLike(tree.widen(params), accumulatorDtype) }),
    update: (updates, state) => {
      const ema =
        state.count === 0 ? updates : tree.map((g, mean) => updateMoment(g, mean, alpha, 1), updates, state.ema)
      const amplified = tree.map((g, mean) => emitLike(add(g, mul(lambda, mean)), g), updates, ema)
      return [amplified, { count: state.count + 1, ema: tree.castLike(ema, state.ema) }]
    }
  })
}
