import {
  chain,
  check,
  type DType,
  type EmptyState,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { mulSchedules, type ScalarOrSchedule } from '@gradchain/schedules'
import {
  type DecayFirstState,
  decayFirst,
  type Mask,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate,
  scaleByTrustRatio
} from '@gradchain/transforms'

/** Options of {@link lambw}. */
export interface LambwOptions<P = Tree<Leaf>, M = never> {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `0` */
  readonly epsRoot?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link lambw}. */
export type LambwState = DecayFirstState<readonly [ScaleByAdamState, EmptyState, ScaleByScheduleState]>

/**
 * LAMB with decoupled weight decay: the decay is no part of the direction, and steps are as long as the params that it left.
 *
 *     decayFirst(
 *       chain(scaleByAdam({ b1, b2, eps, epsRoot, muDtype, nuDtype }), scaleByTrustRatio(), scaleByLearningRate(learningRate)),
 *       mulSchedules(weightDecay, learningRate),
 *       { mask }
 *     )
 *
 * For each leaf with the params p, the update â of `scaleByAdam` and the learning rate α, at step t = 1, 2, …:
 *
 *     p' = p − α(t − 1) λ(t − 1) p
 *     uₜ = −α(t − 1) (â ‖p'‖ / ‖â‖ + λ(t − 1) p)           without a ratio where either norm is 0
 *
 * Laws: odd in the history of gradients when λ = 0, and then it is {@link lamb}; a number is its constant schedule.
 *
 * It is timm's `Lamb` with `decoupled_decay`; timm clips all gradients together to length 1, too, which is `clipByGlobalNorm(1)` in front.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = lambw(0.5, { eps: 0, weightDecay: 1 })
 * const params = { w: new Float32Array([3, -4, 0, 0]) }
 * // Half of the params are left, of length 2.5, and half of that is the step.
 * step(tx, { w: new Float32Array([8, 8, -8, 8]) }, tx.init(params), params)[0]
 * // => { w: Float32Array [0.875, -2.625, 0.625, -0.625] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see You et al. (2019), algorithm 2, {@link https://arxiv.org/abs/1904.00962}
 */
export const lambw = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: LambwOptions<P, M> = {}
): GradientTransformation<LambwState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<LambwOptions<P, M>>>('lambw', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-6,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0.01,
    mask: true
  })
  check('lambw', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['lambw', learningRate, { ...options }],
    decayFirst(
      chain(scaleByAdam(rest), scaleByTrustRatio(), scaleByLearningRate(learningRate)),
      mulSchedules(weightDecay, learningRate),
      { mask }
    )
  )
}
