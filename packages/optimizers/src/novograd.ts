import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByNovogradOptions,
  type ScaleByNovogradState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByNovograd
} from '@gradchain/transforms'

/** Options of {@link novograd}: those of `scaleByNovograd`, with another `eps` by default. */
export interface NovogradOptions extends ScaleByNovogradOptions {
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number
}

/** State of {@link novograd}. */
export type NovogradState = readonly [ScaleByNovogradState, ScaleByScheduleState]

/**
 * NovoGrad: momentum of gradients that are each divided by the norm of their array; little memory, large batches.
 *
 *     chain(scaleByNovograd({ b1, b2, eps, epsRoot, weightDecay, muDtype }), scaleByLearningRate(learningRate))
 *
 * For each leaf g of the gradient and p of the params at step t = 1, 2, … and the learning rate α, from m₀ = 0:
 *
 *     v₁ = ‖g‖²                          vₜ = β₂ vₜ₋₁ + (1 − β₂) ‖g‖²
 *     mₜ = β₁ mₜ₋₁ + g / (√(vₜ + epsRoot) + eps) + λ(t − 1) p
 *     uₜ = −α(t − 1) mₜ
 *
 * Laws: each leaf is treated as if it were alone; odd in the gradient and params together; a learning rate that is a number is its
 * constant schedule.
 *
 * As in Optax the default eps is 1e-6, where that of `scaleByNovograd` is 1e-8.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = novograd(0.5, { eps: 0, weightDecay: 0.25 })
 * const params = { w: [4, 8] }
 * step(tx, { w: [3, -5] }, tx.init(params), params)[0] // => { w: [3, 7.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Ginsburg et al. (2019), Stochastic Gradient Methods with Layer-wise Adaptive Moments for Training of Deep Networks,
 * algorithm 1, {@link https://arxiv.org/abs/1905.11286}
 */
export const novograd = (
  learningRate: ScalarOrSchedule,
  options: NovogradOptions = {}
): GradientTransformation<NovogradState> => {
  const chosen = withDefaults<Required<NovogradOptions>>('novograd', options, {
    b1: 0.9,
    b2: 0.25,
    eps: 1e-6,
    epsRoot: 0,
    weightDecay: 0,
    muDtype: undefined
  })

  return withOrigin(
    ['novograd', learningRate, { ...options }],
    chain(scaleByNovograd(chosen), scaleByLearningRate(learningRate))
  )
}
