import {
  add,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  positive,
  sqrt,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/** Options of {@link scaleByAvagrad}. */
export interface ScaleByAvagradOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added to the root, finite and > 0: how little a step size adapts. @defaultValue `0.1` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAvagrad}, that of Adam. */
export type ScaleByAvagradState = ScaleByAdamState

/**
 * Adam with the step sizes of the step before, which together have the size 1: AvaGrad, without the learning rate. So `eps` says how much
 * they adapt, and no longer how long steps are.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     ηₜ = 1 / (√vₜ₋₁ + eps)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *     uₜ = ηₜ mₜ / rms(ηₜ)
 *
 * where rms is the root of the mean square over all elements of all leaves. Nothing is made up for, as in the paper; the program of its
 * authors corrects both moments.
 *
 * Laws: odd in the history of gradients; the first update is (1 − β₁) g; with a large eps it is a mean of gradients; a tree and its flattened
 * vector agree.
 *
 * @example
 * const tx = scaleByAvagrad({ b1: 0, b2: 0, eps: 1 })
 * const params = { w: [0, 0] }
 * const [first, state] = tx.update({ w: [1, 1] }, tx.init(params), params)
 * first // => { w: [1, 1] }
 * tx.update({ w: [2, 3] }, state, params)[0] // => { w: [2, 3] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Savarese et al. (2019), algorithm 2, {@link https://arxiv.org/abs/1912.01823}
 */
export const scaleByAvagrad = (options: ScaleByAvagradOptions = {}): GradientTransformation<ScaleByAvagradState> => {
  const { b1, b2, eps, muDtype, nuDtype } = withDefaults<Required<ScaleByAvagradOptions>>('scaleByAvagrad', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 0.1,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByAvagrad', { b1, b2 }, inUnitInterval)
  check('scaleByAvagrad', { eps }, positive)
  check('scaleByAvagrad', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByAvagradState>({
    origin: ['scaleByAvagrad', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      // In units of the largest that there can be, so that no square of theirs overflows; added up in the order of the updates.
      const sizes = tree.map((_, v) => div(eps, add(sqrt(v), eps)), updates, state.nu)
      const rms = sqrt(div(tree.squaredNorm(sizes), Math.max(1, tree.size(sizes))))
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const scaled = tree.map((g, m, size) => emitLike(mul(div(size, rms), m), g), updates, mu, sizes)
      return [scaled, { count: state.count + 1, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
