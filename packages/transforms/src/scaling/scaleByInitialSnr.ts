import {
  add,
  check,
  div,
  equal,
  type GradientTransformation,
  maxOf,
  mean,
  minOf,
  mul,
  nonNegative,
  norm,
  type Operand,
  sqrt,
  sub,
  sumSquares,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { leafShape } from '../internal/leafShape.js'

/** Options of {@link scaleByInitialSnr}. */
export interface ScaleByInitialSnrOptions {
  /** Added to the standard deviation, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
}

/** State of {@link scaleByInitialSnr}. */
export interface ScaleByInitialSnrState {
  /** How many updates were seen. */
  readonly count: number
  /** What each leaf is multiplied by, a number for each leaf; 1 before the first update. */
  readonly snr: Tree
}

/**
 * Multiplies each leaf by the ratio of signal to noise in its first gradient, once and for all: SGD-SaI, without momentum and learning
 * rate. A leaf gets one learning rate of its own, and no second moment is kept.
 *
 * For each leaf of n elements, and its update g at step t = 1, 2, …:
 *
 *     s = ‖g₁‖ / (σ + eps)        σ² = Σ (g₁ − mean g₁)² / (n − 1)
 *     uₜ = s gₜ
 *
 * A leaf whose first gradients are all the same, like a single number, has no such ratio: there s = 1. In the library of the authors it
 * is ‖g₁‖ / eps.
 *
 * Laws: odd in the history of gradients; homogeneous in it when eps = 0: s does not see the scale of gradients.
 *
 * @example
 * const tx = scaleByInitialSnr({ eps: 0 })
 * const params = { w: [0, 0], b: 0 }
 * const [first, state] = tx.update({ w: [3, -3], b: 5 }, tx.init(params), params)
 * first // => { w: [3, -3], b: 5 }
 * tx.update({ w: [1, 2], b: 5 }, state, params)[0] // => { w: [1, 2], b: 5 }
 *
 * @throws InvalidOption at construction, when eps is not a finite number ≥ 0.
 * @see Xu et al. (2024), No More Adam: Learning Rate Scaling at Initialization is All You Need, algorithm 1,
 * {@link https://arxiv.org/abs/2412.11768}
 */
export const scaleByInitialSnr = (
  options: ScaleByInitialSnrOptions = {}
): GradientTransformation<ScaleByInitialSnrState> => {
  const { eps } = withDefaults('scaleByInitialSnr', options, { eps: 1e-8 })
  check('scaleByInitialSnr', { eps }, nonNegative)

  return transformation<ScaleByInitialSnrState>({
    origin: ['scaleByInitialSnr', { ...options }],
    init: (params) => ({ count: 0, snr: tree.map(() => 1, params) }),
    update: (updates, { count, snr }) => {
      const ratios = count === 0 ? tree.map((g) => ratioOf(g, eps), updates) : snr
      return [tree.map((g, s) => mul(s, g), updates, ratios), { count: count + 1, snr: ratios }]
    }
  })
}

const ratioOf = (g: Operand, eps: number): Value => {
  const size = leafShape(g)?.reduce((product, length) => product * length, 1) ?? 1
  if (size < 2) return 1
  const deviation = sqrt(div(sumSquares(sub(g, mean(g))), size - 1))
  // Of what is the same, the mean may be rounded to something else.
  return where(equal(minOf(g), maxOf(g)), 1, div(norm(g), add(deviation, eps)))
}
