import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdamOptions,
  type ScaleByAdamState,
  type ScaleByOptimisticGradientOptions,
  type ScaleByOptimisticGradientState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate,
  scaleByOptimisticGradient
} from '@gradchain/transforms'

/** Options of {@link optimisticAdamV2}: those of `scaleByAdam` and of `scaleByOptimisticGradient`. */
export interface OptimisticAdamV2Options extends ScaleByAdamOptions, ScaleByOptimisticGradientOptions {
  /** Whether the first moment looks one step ahead, as in NAdam. @defaultValue `true` */
  readonly nesterov?: boolean
}

/** State of {@link optimisticAdamV2}. */
export type OptimisticAdamV2State = readonly [ScaleByAdamState, ScaleByOptimisticGradientState, ScaleByScheduleState]

/**
 * Optimistic Adam: Adam that makes the change of its update up in advance, for games such as that of a generative adversarial
 * network.
 *
 *     chain(
 *       scaleByAdam({ b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement }),
 *       scaleByOptimisticGradient({ alpha, beta, accumulatorDtype }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the update âₜ of `scaleByAdam` at step t = 0, 1, 2, … and the learning rate η:
 *
 *     u₀ = −η(0) α â₀
 *     uₜ = −η(t) ((α + β) âₜ − β âₜ₋₁)
 *
 * Laws: elementwise; odd in the gradient; with alpha 1 and beta 0 it is `nadam`; a number is its constant schedule.
 *
 * As in Optax, and unlike the paper, Adam has Nesterov momentum by default.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = optimisticAdamV2(0.5, { b1: 0, b2: 0.5, eps: 0 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 2 }, tx.init(params), params)
 * next // => { w: 3.5 }
 * step(tx, { w: -2 }, state, next)[0] // => { w: 5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Daskalakis et al. (2017), algorithm 1, {@link https://arxiv.org/abs/1711.00141}
 * @see optimisticAdam
 */
export const optimisticAdamV2 = (
  learningRate: ScalarOrSchedule,
  options: OptimisticAdamV2Options = {}
): GradientTransformation<OptimisticAdamV2State> => {
  const { alpha, beta, accumulatorDtype, ...rest } = withDefaults<Required<OptimisticAdamV2Options>>(
    'optimisticAdamV2',
    options,
    {
      alpha: 1,
      beta: 1,
      accumulatorDtype: undefined,
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      epsRoot: 0,
      muDtype: undefined,
      nuDtype: undefined,
      nesterov: true,
      epsPlacement: 'outside'
    }
  )

  return withOrigin(
    ['optimisticAdamV2', learningRate, { ...options }],
    chain(
      scaleByAdam(rest),
      scaleByOptimisticGradient({ alpha, beta, accumulatorDtype }),
      scaleByLearningRate(learningRate)
    )
  )
}
