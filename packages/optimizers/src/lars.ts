import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  inClosedUnitInterval,
  type Leaf,
  nonNegative,
  oneOf,
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
  type ScaleByScheduleState,
  scaleByLearningRate,
  type TraceState,
  trace,
  type WithTrustRatioState,
  withTrustRatio
} from '@gradchain/transforms'

/** Options of {@link lars}. */
export interface LarsOptions<P = Tree<Leaf>, M = never, Q = Tree<Leaf>, N = never> {
  /** Share λ of the params that is added to the gradient, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
  /** Length η of a step in units of the length of the params, finite and ≥ 0. @defaultValue `0.001` */
  readonly trustCoefficient?: number
  /** Added to the norm of the gradient, finite and ≥ 0. @defaultValue `0` */
  readonly eps?: number
  /** What the length of the params is divided by: the norm of the decayed gradient, or ‖g‖ + λ ‖p‖. @defaultValue `'update'` */
  readonly trustDenominator?: 'update' | 'sum'
  /** Which leaves are scaled to the length of their params; the others keep their gradient. @defaultValue `true` */
  readonly trustRatioMask?: Mask<Q, N> | undefined
  /** Decay rate β of the momentum, in `[0, 1]`. @defaultValue `0.9` */
  readonly momentum?: number
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
  /** The dtype in which the momentum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link lars}. */
export type LarsState = readonly [WithTrustRatioState<AddDecayedWeightsState>, ScaleByScheduleState, TraceState]

/**
 * LARS: momentum whose steps are as long as the params of the layer, for large batches.
 *
 *     chain(
 *       withTrustRatio(addDecayedWeights(weightDecay, { mask: weightDecayMask }), {
 *         trustCoefficient, eps, denominator: trustDenominator, mask: trustRatioMask
 *       }),
 *       scaleByLearningRate(learningRate),
 *       trace(momentum, { nesterov, accumulatorDtype })
 *     )
 *
 * For each leaf with the params p, the gradient g, the learning rate α and η = trustCoefficient, at step t = 1, 2, …, from
 * τ₀ = 0:
 *
 *     r  = g + λ(t − 1) p
 *     τₜ = −α(t − 1) η r ‖p‖ / (‖r‖ + eps) + β τₜ₋₁      −α(t − 1) r + β τₜ₋₁ where a norm is 0, or the mask is false
 *     uₜ = τₜ                                            −α(t − 1) η r ‖p‖ / (‖r‖ + eps) + β τₜ when nesterov
 *
 * Laws: odd in the history of gradients when λ = 0; then blind to its scale when eps = 0, but where p is 0; a number is its
 * constant schedule.
 *
 * Unlike the paper and like Optax, the norm is that of r and not ‖g‖ + λ ‖p‖, unless `trustDenominator: 'sum'` says so: that is
 * the paper, and timm's `Lars`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = lars(1, { trustCoefficient: 0.5 })
 * const params = { w: new Float32Array([3, 4]) }
 * step(tx, { w: new Float32Array([0, 8]) }, tx.init(params), params)[0] // => { w: Float32Array [3, 1.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where a mask does not fit the params.
 * @see You, Gitman and Ginsburg (2017), Large Batch Training of Convolutional Networks, algorithm 1,
 * {@link https://arxiv.org/abs/1708.03888}
 */
export const lars = <P = Tree<Leaf>, const M = never, Q = Tree<Leaf>, const N = never>(
  learningRate: ScalarOrSchedule,
  options: LarsOptions<P, M, Q, N> = {}
): GradientTransformation<LarsState> => {
  const { weightDecay, weightDecayMask, trustCoefficient, eps, trustDenominator, ...rest } = withDefaults<
    Required<LarsOptions<P, M, Q, N>>
  >('lars', options, {
    weightDecay: 0,
    weightDecayMask: true,
    trustCoefficient: 0.001,
    eps: 0,
    trustDenominator: 'update',
    trustRatioMask: true,
    momentum: 0.9,
    nesterov: false,
    accumulatorDtype: undefined
  })
  const { trustRatioMask, momentum, nesterov, accumulatorDtype } = rest
  check('lars', { weightDecay }, orSchedule(nonNegative))
  check('lars', { momentum }, inClosedUnitInterval)
  check('lars', { trustDenominator }, oneOf('update', 'sum'))

  return withOrigin(
    ['lars', learningRate, { ...options }],
    chain(
      withTrustRatio(addDecayedWeights(weightDecay, { mask: weightDecayMask }), {
        trustCoefficient,
        eps,
        denominator: trustDenominator,
        mask: trustRatioMask
      }),
      scaleByLearningRate(learningRate),
      trace(momentum, { nesterov, accumulatorDtype })
    )
  )
}
