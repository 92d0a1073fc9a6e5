import {
  add,
  check,
  div,
  type GradientTransformation,
  inPositiveUnitInterval,
  inUnitInterval,
  max,
  min,
  mul,
  nonNegative,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { emitLike } from '../internal/emitLike.js'
import { quotient } from '../internal/quotient.js'

/** Options of {@link scaleByAdai}. */
export interface ScaleByAdaiOptions {
  /** How much an element whose second moment is the mean forgets, β₀, finite and ≥ 0. @defaultValue `0.1` */
  readonly b0?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.99` */
  readonly b2?: number
  /** The least that is forgotten, in `(0, 1]`. @defaultValue `1e-3` */
  readonly eps?: number
}

/** State of {@link scaleByAdai}. */
export interface ScaleByAdaiState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
  /** The product of all decay rates so far, shaped like the params. */
  readonly b1Prod: Tree
}

/**
 * Momentum with a decay rate for each element, less where gradients are large: adaptive inertia, Adai, without the learning rate. It is
 * the momentum that adapts, not the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0 and π₀ = 1, v̄ being the mean of v over all elements of all leaves:
 *
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *     μₜ = min(max(1 − β₀ vₜ / v̄ₜ, 0), 1 − eps)        πₜ = πₜ₋₁ μₜ
 *     mₜ = μₜ mₜ₋₁ + (1 − μₜ) g
 *     uₜ = mₜ / (1 − πₜ)
 *
 * Second moments need no correction here: in vₜ / v̄ₜ it cancels.
 *
 * Laws: odd in the history of gradients; homogeneous in it; of a gradient that stays the same u = g; a tree and its flattened vector agree.
 *
 * @example
 * const tx = scaleByAdai({ b0: 0.25 })
 * const params = { w: [0, 0] }
 * const [first, state] = tx.update({ w: [2, -2] }, tx.init(params), params)
 * first // => { w: [2, -2] }
 * tx.update({ w: [4, -4] }, state, params)[0] // => { w: [3.142…, -3.142…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Xie et al. (2020), algorithm 2, {@link https://arxiv.org/abs/2006.15815}
 */
export const scaleByAdai = (options: ScaleByAdaiOptions = {}): GradientTransformation<ScaleByAdaiState> => {
  const { b0, b2, eps } = withDefaults('scaleByAdai', options, { b0: 0.1, b2: 0.99, eps: 1e-3 })
  check('scaleByAdai', { b0 }, nonNegative)
  check('scaleByAdai', { b2 }, inUnitInterval)
  check('scaleByAdai', { eps }, inPositiveUnitInterval)

  return transformation<ScaleByAdaiState>({
    origin: ['scaleByAdai', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params)),
      nu: tree.zerosLike(tree.widen(params)),
      b1Prod: tree.onesLike(tree.widen(params))
    }),
    update: (updates, state) => {
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const average = div(tree.sum(nu), Math.max(1, tree.size(nu)))
      const decays = tree.map((v) => min(max(sub(1, mul(b0, quotient(v, average))), 0), 1 - eps), nu)
      const b1Prod = tree.map((kept, decay) => mul(kept, decay), state.b1Prod, decays)
      const mu = tree.map((g, m, decay) => add(mul(decay, m), mul(sub(1, decay), g)), updates, state.mu, decays)
      const scaled = tree.map((g, m, product) => emitLike(div(m, sub(1, product)), g), updates, mu, b1Prod)
      const next = {
        count: state.count + 1,
        mu: tree.castLike(mu, state.mu),
        nu: tree.castLike(nu, state.nu),
        b1Prod: tree.castLike(b1Prod, state.b1Prod)
      }
      return [scaled, next]
    }
  })
}
