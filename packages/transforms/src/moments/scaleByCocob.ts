import {
  abs,
  add,
  check,
  div,
  type GradientTransformation,
  max,
  mul,
  positive,
  sub,
  type Tree,
  transformation,
  updatesTo,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { quotient } from '../internal/quotient.js'

/** Options of {@link scaleByCocob}. */
export interface ScaleByCocobOptions {
  /** How many times the largest gradient, α, the divisor is at least; finite and > 0. It bounds the first steps. @defaultValue `100` */
  readonly alpha?: number
  /** The largest gradient to begin with, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
}

/** State of {@link scaleByCocob}. */
export interface ScaleByCocobState {
  /** The params at `init`. */
  readonly initParticles: Tree
  /** The sum θ of negative gradients, shaped like the params. */
  readonly cumulativeGradients: Tree
  /** The largest size L of a gradient so far, shaped like the params. */
  readonly scale: Tree
  /** The sum G of the sizes of gradients, shaped like the params. */
  readonly subgradients: Tree
  /** What was won so far, R, shaped like the params. */
  readonly reward: Tree
}

/**
 * Bets on coins: COCOB, gradient descent without a learning rate. It emits whole updates, which descend by themselves.
 *
 * Elementwise, for the gradient g and the param p at each step, from θ = G = R = 0 and L = eps:
 *
 *     L ← max(L, |g|)
 *     G ← G + |g|
 *     R ← max(R − g (p − p₀), 0)
 *     θ ← θ − g
 *     u = p₀ + θ / (L max(G + L, α L)) · (L + R) − p
 *
 * Laws: elementwise; odd in gradients and params together; blind to the scale of gradients larger than eps; the first step is
 * ∓1/α, or less when α < 2.
 *
 * @example
 * const tx = scaleByCocob({ alpha: 4 })
 * tx.update({ w: [3, -8] }, tx.init({ w: [1, 1] }), { w: [1, 1] })[0] // => { w: [-0.25, 0.25] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Orabona and Tommasi (2017), algorithm 2, {@link https://arxiv.org/abs/1705.07795}
 */
export const scaleByCocob = (options: ScaleByCocobOptions = {}): GradientTransformation<ScaleByCocobState> => {
  const { alpha, eps } = withDefaults('scaleByCocob', options, { alpha: 100, eps: 1e-8 })
  check('scaleByCocob', { alpha, eps }, positive)

  return transformation<ScaleByCocobState>({
    origin: ['scaleByCocob', { ...options }],
    init: (params) => {
      const none = (): Tree => tree.zerosLike(tree.widen(params))
      return {
        initParticles: params,
        cumulativeGradients: none(),
        scale: tree.fullLike(tree.widen(params), eps),
        subgradients: none(),
        reward: none()
      }
    },
    update: (updates, state, params) => {
      const { initParticles } = state
      const scale = tree.map((g, largest) => max(largest, abs(g)), updates, state.scale)
      const subgradients = tree.map((g, sum) => add(sum, abs(g)), updates, state.subgradients)
      const reward = tree.map(
        (g, won, p, start) => max(sub(won, mul(g, sub(p, start))), 0),
        updates,
        state.reward,
        params,
        initParticles
      )
      const cumulativeGradients = tree.map((g, sum) => sub(sum, g), updates, state.cumulativeGradients)
      // What is bet, a share of what there is: both are free of the scale of the gradients, and do not overflow with it.
      const share = tree.map(
        (sum, sizes, largest) => quotient(sum, max(add(sizes, largest), mul(alpha, largest))),
        cumulativeGradients,
        subgradients,
        scale
      )
      const targets = tree.map(
        (start, bet, won, largest) => add(start, mul(bet, add(1, div(won, largest)))),
        initParticles,
        share,
        reward,
        scale
      )
      return [updatesTo(params, targets), { initParticles, cumulativeGradients, scale, subgradients, reward }]
    }
  })
}
