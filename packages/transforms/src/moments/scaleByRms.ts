import {
  biasCorrection,
  boolean,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  nonNegative,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { rootWith } from '../internal/rootWith.js'

/** Options of {@link scaleByRms}. */
export interface ScaleByRmsOptions {
  /** Decay rate β of the mean square, in `[0, 1)`. @defaultValue `0.9` */
  readonly decay?: number
  /** Added against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The mean square before the first update, finite and ≥ 0. @defaultValue `0` */
  readonly initialScale?: number
  /** Whether eps is added inside the square root or outside. @defaultValue `true` */
  readonly epsInSqrt?: boolean
  /** Whether to make up for the start of the mean square, as Adam does. @defaultValue `false` */
  readonly biasCorrection?: boolean
  /** The dtype in which the mean square is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByRms}. */
export interface ScaleByRmsState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean square v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Divides each update by the root of a running mean of its square: RMSProp, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, … and β = decay, from v₀ = initialScale:
 *
 *     vₜ = β vₜ₋₁ + (1 − β) g²           v̂ = vₜ          (vₜ / (1 − βᵗ) when biasCorrection)
 *     uₜ = g / √(v̂ + eps)                                (g / (√v̂ + eps) unless epsInSqrt)
 *
 * The state counts the updates also without bias correction, which alone needs it: one factory, one state.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = initialScale = 0; with bias correction and eps
 * outside the root it is {@link scaleByAdam} with b1 = 0.
 *
 * @example
 * const tx = scaleByRms({ decay: 0.75, eps: 0 })
 * tx.update({ w: -3 }, tx.init({ w: 0 }), { w: 0 }) // => [{ w: -2 }, { count: 1, nu: { w: 2.25 } }]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Tieleman and Hinton (2012), lecture 6e, {@link https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf}
 * @see scaleByStddev, which first takes off the mean.
 */
export const scaleByRms = (options: ScaleByRmsOptions = {}): GradientTransformation<ScaleByRmsState> => {
  const chosen = withDefaults<Required<ScaleByRmsOptions>>('scaleByRms', options, {
    decay: 0.9,
    eps: 1e-8,
    initialScale: 0,
    epsInSqrt: true,
    biasCorrection: false,
    nuDtype: undefined
  })
  const { decay, eps, initialScale, epsInSqrt, nuDtype } = chosen
  check('scaleByRms', { decay }, inUnitInterval)
  check('scaleByRms', { eps, initialScale }, nonNegative)
  check('scaleByRms', { epsInSqrt, biasCorrection: chosen.biasCorrection }, boolean)
  check('scaleByRms', { nuDtype }, dtypeOption)

  return transformation<ScaleByRmsState>({
    origin: ['scaleByRms', { ...options }],
    init: (params) => ({ count: 0, nu: tree.fullLike(tree.widen(params), initialScale, nuDtype) }),
    update: (updates, state) => {
      const count = state.count + 1
      const nu = tree.map((g, v) => updateMoment(g, v, decay, 2), updates, state.nu)
      const scaled = tree.map(
        (g, v) => {
          const meanSquare = chosen.biasCorrection ? biasCorrection(v, decay, count) : v
          return emitLike(div(g, rootWith(meanSquare, eps, epsInSqrt)), g)
        },
        updates,
        nu
      )
      return [scaled, { count, nu: tree.castLike(nu, state.nu) }]
    }
  })
}
