import {
  add,
  check,
  type GradientTransformation,
  max,
  mul,
  nonNegative,
  type Operand,
  optional,
  positive,
  sqrt,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { quotient } from '../internal/quotient.js'

/** Options of {@link scaleByDowg}. */
export interface ScaleByDowgOptions {
  /** The first squared distance, finite and > 0. @defaultValue `eps` */
  readonly initEstimSqDist?: number | undefined
  /** Added to the root, against division by zero, finite and ≥ 0. @defaultValue `1e-4` */
  readonly eps?: number
}

/** State of {@link scaleByDowg}. */
export interface ScaleByDowgState {
  /** The params at `init`. */
  readonly initParams: Tree
  /** The sum of squared gradients, each times the squared distance of its step, a number. */
  readonly weightedSqNormGrads: Operand
  /** The largest squared distance from the first params so far, a number. */
  readonly estimSqDist: Operand
}

/**
 * DoG with squared gradients weighed by how far the params had come: DoWG, a learning rate that nobody has to choose, and which
 * may grow.
 *
 * For the updates g, all leaves together, at step t = 1, 2, … with the params pₜ₋₁, from v₀ = 0 and r²₀ = initEstimSqDist:
 *
 *     r²ₜ = max(r²ₜ₋₁, ‖pₜ₋₁ − p₀‖²)
 *     vₜ  = vₜ₋₁ + r²ₜ ‖g‖²
 *     uₜ  = r²ₜ / (√vₜ + eps) · g
 *
 * Gradients that have always been zero give zeros, also when eps = 0.
 *
 * Laws: odd in the history of gradients; blind to its scale when eps = 0; ‖u‖ ≤ r; a tree and its flattened vector agree.
 *
 * @example
 * const tx = scaleByDowg({ initEstimSqDist: 4, eps: 0 })
 * const params = { w: [1, 1] }
 * tx.update({ w: [3, 4] }, tx.init(params), params)[0].w.map((u) => u.toFixed(6)) // => ['1.200000', '1.600000']
 *
 * @throws InvalidOption at construction, when an option is outside its range, or when eps is 0 and no first distance is given.
 * @see Khaled, Mishchenko and Jin (2023), algorithm 1, {@link https://arxiv.org/abs/2305.16284}
 * @see scaleByDog
 */
export const scaleByDowg = (options: ScaleByDowgOptions = {}): GradientTransformation<ScaleByDowgState> => {
  const { initEstimSqDist, eps } = withDefaults<Required<ScaleByDowgOptions>>('scaleByDowg', options, {
    initEstimSqDist: undefined,
    eps: 1e-4
  })
  check('scaleByDowg', { eps }, nonNegative)
  check('scaleByDowg', { initEstimSqDist }, optional(positive))
  const first = initEstimSqDist ?? eps
  // From a distance of 0 there would be no first step, and no second.
  check('scaleByDowg', { initEstimSqDist: first }, positive)

  return transformation<ScaleByDowgState>({
    origin: ['scaleByDowg', { ...options }],
    init: (params) => ({ initParams: params, weightedSqNormGrads: 0, estimSqDist: first }),
    update: (updates, state, params) => {
      const { initParams } = state
      const estimSqDist = max(state.estimSqDist, tree.squaredNorm(tree.sub(params, initParams)))
      const weightedSqNormGrads = add(state.weightedSqNormGrads, mul(estimSqDist, tree.squaredNorm(updates)))
      const root = add(sqrt(weightedSqNormGrads), eps)
      const scaled = tree.map((g) => mul(estimSqDist, quotient(g, root)), updates)
      return [scaled, { initParams, weightedSqNormGrads, estimSqDist }]
    }
  })
}
