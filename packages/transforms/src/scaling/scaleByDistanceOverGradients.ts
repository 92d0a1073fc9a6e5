import {
  add,
  check,
  type DType,
  finite,
  type GradientTransformation,
  max,
  mul,
  nonNegative,
  norm,
  positive,
  sqrt,
  sub,
  sumSquares,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { quotient } from '../internal/quotient.js'

/** Options of {@link scaleByDistanceOverGradients}. */
export interface ScaleByDistanceOverGradientsOptions {
  /** The first distance r, in units of 1 + ‖p₀‖, finite and > 0; 1e-4 with batch normalisation. @defaultValue `1e-6` */
  readonly repsRel?: number
  /** Added to the sum of squares, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first params are kept; by default their own. */
  readonly paramDtype?: DType | undefined
  /** Factor s of all updates, any finite number; −1 for an optimizer without a learning rate. @defaultValue `1` */
  readonly globalScale?: number
}

/** State of {@link scaleByDistanceOverGradients}. */
export interface ScaleByDistanceOverGradientsState {
  /** The largest distance d from the first params so far, a number for each leaf. */
  readonly maxDist: Tree
  /** The sum of squares G of all gradients so far, a number for each leaf. */
  readonly gradSumOfSquares: Tree
  /** The params at `init`. */
  readonly initParams: Tree
}

/**
 * Makes each step as long as the params have come, over the root of the sum of squared gradients: layer-wise DoG, a learning
 * rate that nobody has to choose.
 *
 * For each leaf g of the updates at step t = 1, 2, … with the params pₜ₋₁, from d₀ = r (1 + ‖p₀‖) and G₀ = 0:
 *
 *     dₜ = max(dₜ₋₁, ‖pₜ₋₁ − p₀‖)
 *     Gₜ = Gₜ₋₁ + ‖g‖²
 *     uₜ = s dₜ / √(Gₜ + eps) · g
 *
 * where r = repsRel, s = globalScale, and ‖x‖ = √Σx² over the elements of the leaf. Gradients that have always been zero give
 * zeros, also when eps = 0. The authors recommend averaging the params, as {@link ema} or `incrementalUpdate` do.
 *
 * Laws: odd in the history of gradients; blind to its scale when eps = 0; ‖u‖ ≤ |s| d; each leaf is treated as if it were alone.
 *
 * Unlike Optax: the first params are kept in their own dtype by default, not always in float32, and the update of a number is a
 * number, not an array of one.
 *
 * @example
 * const tx = scaleByDistanceOverGradients({ repsRel: 0.5, eps: 0 })
 * const params = { w: new Float32Array([3, 4]) }
 * const [updates, state] = tx.update({ w: new Float32Array([6, 8]) }, tx.init(params), params)
 * updates.w // => Float32Array [1.8…, 2.4…]
 * state.maxDist // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Ivgi, Hinder and Carmon (2023), algorithm 1 and section 4.3, {@link https://arxiv.org/abs/2302.12022}
 */
export const scaleByDistanceOverGradients = (
  options: ScaleByDistanceOverGradientsOptions = {}
): GradientTransformation<ScaleByDistanceOverGradientsState> => {
  const { repsRel, eps, paramDtype, globalScale } = withDefaults<Required<ScaleByDistanceOverGradientsOptions>>(
    'scaleByDistanceOverGradients',
    options,
    { repsRel: 1e-6, eps: 1e-8, paramDtype: undefined, globalScale: 1 }
  )
  check('scaleByDistanceOverGradients', { repsRel }, positive)
  check('scaleByDistanceOverGradients', { eps }, nonNegative)
  check('scaleByDistanceOverGradients', { paramDtype }, dtypeOption)
  check('scaleByDistanceOverGradients', { globalScale }, finite)

  return transformation<ScaleByDistanceOverGradientsState>({
    origin: ['scaleByDistanceOverGradients', { ...options }],
    init: (params) => ({
      maxDist: tree.map((p) => mul(repsRel, add(1, norm(p))), params),
      gradSumOfSquares: tree.map(() => 0, params),
      initParams: paramDtype === undefined ? params : tree.cast(params, paramDtype)
    }),
    update: (updates, state, params) => {
      const { initParams } = state
      const maxDist = tree.map((d, p, start) => max(d, norm(sub(p, start))), state.maxDist, params, initParams)
      const gradSumOfSquares = tree.map((total, g) => add(total, sumSquares(g)), state.gradSumOfSquares, updates)
      const scaled = tree.map(
        (g, d, total) => mul(quotient(g, sqrt(add(total, eps))), mul(globalScale, d)),
        updates,
        maxDist,
        gradSumOfSquares
      )
      return [scaled, { maxDist, gradSumOfSquares, initParams }]
    }
  })
}
