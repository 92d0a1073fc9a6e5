import {
  chain,
  check,
  finite,
  type GradientTransformation,
  nonNegative,
  optional,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdamOptions,
  scaleByAdam,
  scaleByLearningRate,
  scaleByOptimisticGradient
} from '@gradchain/transforms'
import type { OptimisticAdamV2State } from './optimisticAdamV2.js'

/** Options of {@link optimisticAdam}: those of `scaleByAdam`, and the optimism. */
export interface OptimisticAdamOptions extends ScaleByAdamOptions {
  /** Whether the first moment looks one step ahead, as in NAdam. @defaultValue `true` */
  readonly nesterov?: boolean
  /** Weight β of the change of the update, a finite number or a schedule; by default the learning rate. @defaultValue `undefined` */
  readonly optimism?: ScalarOrSchedule | undefined
}

/** State of {@link optimisticAdam}. */
export type OptimisticAdamState = OptimisticAdamV2State

/**
 * Optimistic Adam as Optax first had it, with a weight of the change that is not multiplied by the learning rate. New programs
 * take {@link optimisticAdamV2}.
 *
 *     chain(
 *       scaleByAdam({ b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement }),
 *       scaleByOptimisticGradient({ alpha: learningRate, beta: optimism }),
 *       scaleByLearningRate(1)
 *     )
 *
 * For the update âₜ of `scaleByAdam` at step t = 0, 1, 2, …, the learning rate η and β = optimism:
 *
 *     u₀ = −η(0) â₀
 *     uₜ = −((η(t) + β(t)) âₜ − β(t) âₜ₋₁)
 *
 * Laws: elementwise; odd in the gradient; without optimism it is {@link optimisticAdamV2}; a number is its constant schedule.
 *
 * Unlike Optax, which calls it deprecated and allows no schedules.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = optimisticAdam(0.5, { b1: 0, b2: 0.5, eps: 0, optimism: 0.25 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 2 }, tx.init(params), params)
 * next // => { w: 3.5 }
 * step(tx, { w: -2 }, state, next)[0] // => { w: 4.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Daskalakis et al. (2017), Training GANs with Optimism, algorithm 1, {@link https://arxiv.org/abs/1711.00141}
 */
export const optimisticAdam = (
  learningRate: ScalarOrSchedule,
  options: OptimisticAdamOptions = {}
): GradientTransformation<OptimisticAdamState> => {
  const { optimism, ...rest } = withDefaults<Required<OptimisticAdamOptions>>('optimisticAdam', options, {
    optimism: undefined,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    nesterov: true,
    epsPlacement: 'outside'
  })
  check('optimisticAdam', { learningRate }, orSchedule(nonNegative))
  check('optimisticAdam', { optimism }, optional(orSchedule(finite)))

  return withOrigin(
    ['optimisticAdam', learningRate, { ...options }],
    chain(
      scaleByAdam(rest),
      scaleByOptimisticGradient({ alpha: learningRate, beta: optimism ?? learningRate }),
      scaleByLearningRate(1)
    )
  )
}
