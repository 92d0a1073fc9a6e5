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
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type Mask,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate,
  scaleByTrustRatio
} from '@gradchain/transforms'

/** Options of {@link lamb}. */
export interface LambOptions<P = Tree<Leaf>, M = never> {
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
  /** Share λ of the params that is added to the update, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link lamb}. */
export type LambState = readonly [ScaleByAdamState, AddDecayedWeightsState, EmptyState, ScaleByScheduleState]

/**
 * LAMB: the direction of Adam, the length of the params, for very large batches.
 *
 *     chain(
 *       scaleByAdam({ b1, b2, eps, epsRoot }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByTrustRatio(),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For each leaf with the params p, the update â of `scaleByAdam` and the learning rate α, at step t = 1, 2, …:
 *
 *     r  = â + λ(t − 1) p
 *     uₜ = −α(t − 1) r ‖p‖ / ‖r‖           −α(t − 1) r where either norm is 0
 *
 * Laws: odd in the history of gradients when λ = 0; blind to its scale when eps = epsRoot = λ = 0; ‖u‖ = α ‖p‖ where neither norm is
 * 0; a number is its constant schedule.
 *
 * As in Optax, the trust ratio is not bounded: φ of the paper is the identity.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = lamb(0.5, { eps: 0 })
 * const params = { w: new Float32Array([3, -4, 0, 0]) }
 * step(tx, { w: new Float32Array([8, 8, -8, 8]) }, tx.init(params), params)[0]
 * // => { w: Float32Array [1.75, -5.25, 1.25, -1.25] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see You et al. (2019), Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, algorithm 2,
 * {@link https://arxiv.org/abs/1904.00962}
 */
export const lamb = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: LambOptions<P, M> = {}
): GradientTransformation<LambState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<LambOptions<P, M>>>('lamb', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-6,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('lamb', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['lamb', learningRate, { ...options }],
    chain(
      scaleByAdam(rest),
      addDecayedWeights(weightDecay, { mask }),
      scaleByTrustRatio(),
      scaleByLearningRate(learningRate)
    )
  )
}
