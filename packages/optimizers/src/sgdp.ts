import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { mulSchedules, type ScalarOrSchedule } from '@gradchain/schedules'
import {
  type Mask,
  type ProjectRadialState,
  projectRadial,
  type ScaleByScheduleState,
  scaleByLearningRate,
  type TraceState,
  trace
} from '@gradchain/transforms'

/** Options of {@link sgdp}. */
export interface SgdpOptions<P = Tree<Leaf>, M = never> {
  /** Decay rate β of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly momentum?: number
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
  /** The dtype in which the momentum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
  /** How far from a right angle gradients and params may be, in units of a cosine by chance, δ, finite and ≥ 0. @defaultValue `0.1` */
  readonly delta?: number
  /** The least length that is divided by, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times α / (1 − β); finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** How much of the weight decay is left where something is taken out, finite and ≥ 0. @defaultValue `0.1` */
  readonly wdRatio?: number
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link sgdp}. */
export type SgdpState = readonly [ProjectRadialState<TraceState>, ScaleByScheduleState]

/**
 * SGDP: momentum that does not make weights longer whose length a normalization takes away again.
 *
 *     chain(
 *       projectRadial(trace(momentum, { nesterov, accumulatorDtype }), {
 *         delta, eps, weightDecay: weightDecay / (1 - momentum), wdRatio, mask
 *       }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * In each array of two axes and more, for the momentum τ, the params p and the learning rate α at step t = 1, 2, …:
 *
 *     uₜ = −α(t − 1) (τ − p̂ ⟨p̂, τ⟩ + ρ λ(t − 1) p / (1 − β))      where gradient and params are nearly across each other
 *     uₜ = −α(t − 1) (τ + λ(t − 1) p / (1 − β))                    elsewhere, p̂ = p / ‖p‖
 *
 * Laws: with weightDecay 0 odd in the gradient; on numbers and vectors, and with δ = 0, it is then {@link sgd} with this momentum; a
 * number is its constant schedule.
 *
 * A decay over 1 − β is what a decay in the gradient comes to in the end. The authors' code has a momentum of 0 by default.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = sgdp(0.5, { momentum: 0.5, weightDecay: 0.25 })
 * const params = { kernel: ndarray(new Float64Array([2, 0]), [1, 2]) }
 * // The gradient is across the params: half a step across them, and a tenth of the decay.
 * const [next] = step(tx, { kernel: ndarray(new Float64Array([0, 3]), [1, 2]) }, tx.init(params), params)
 * next.kernel.data // => Float64Array [1.95, -1.5]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Heo et al. (2020), algorithm 1, {@link https://arxiv.org/abs/2006.08217}
 */
export const sgdp = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: SgdpOptions<P, M> = {}
): GradientTransformation<SgdpState> => {
  const { momentum, nesterov, accumulatorDtype, weightDecay, ...rest } = withDefaults<Required<SgdpOptions<P, M>>>(
    'sgdp',
    options,
    {
      momentum: 0.9,
      nesterov: false,
      accumulatorDtype: undefined,
      delta: 0.1,
      eps: 1e-8,
      weightDecay: 0,
      wdRatio: 0.1,
      mask: true
    }
  )
  check('sgdp', { momentum }, inUnitInterval)
  check('sgdp', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['sgdp', learningRate, { ...options }],
    chain(
      projectRadial(trace(momentum, { nesterov, accumulatorDtype }), {
        ...rest,
        weightDecay: mulSchedules(weightDecay, 1 / (1 - momentum))
      }),
      scaleByLearningRate(learningRate)
    )
  )
}
