import {
  chain,
  check,
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
  type ScaleByScheduleState,
  type ScaleByVsgdOptions,
  type ScaleByVsgdState,
  scaleByLearningRate,
  scaleByVsgd
} from '@gradchain/transforms'

/** Options of {@link vsgd}: those of `scaleByVsgd`, and the weight decay. */
export interface VsgdOptions<P = Tree<Leaf>, M = never> extends ScaleByVsgdOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; VSGD runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link vsgd}. */
export type VsgdState = readonly [ScaleByVsgdState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * VSGD: each gradient is taken for a noisy look at one that drifts, with decoupled weight decay.
 *
 *     chain(
 *       scaleByVsgd({ noiseRatio, priorStrength, tau1, tau2, eps, accumulatorDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the param p and the learning rate α, with μ, σ² and their beliefs as in `scaleByVsgd`:
 *
 *     uₜ = −α(t − 1) (μₜ / (√(μₜ² + σ²) + eps) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the program of the authors has 0.1.
 *
 * @example
 * const tx = vsgd(0.5, { weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 300 }, tx.init(params), params)[0].w.toFixed(2) // => '5.50'
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Chen et al. (2024), {@link https://arxiv.org/abs/2404.06549}
 */
export const vsgd = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: VsgdOptions<P, M> = {}
): GradientTransformation<VsgdState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<VsgdOptions<P, M>>>('vsgd', options, {
    noiseRatio: 30,
    priorStrength: 1e-8,
    tau1: 0.81,
    tau2: 0.9,
    eps: 1e-8,
    accumulatorDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('vsgd', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['vsgd', learningRate, { ...options }],
    chain(scaleByVsgd(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
