import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdamOptions,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adam}: those of `scaleByAdam`. */
export type AdamOptions = ScaleByAdamOptions

/** State of {@link adam}. */
export type AdamState = readonly [ScaleByAdamState, ScaleByScheduleState]

/**
 * Adam: steps of about the size of the learning rate, whatever the scale of the gradients.
 *
 *     chain(
 *       scaleByAdam({ b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) m̂ / (√(v̂ + epsRoot) + eps)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; {@link adamw} without weight decay; a
 * learning rate that is a number is its constant schedule.
 *
 * Keras's Adam is `adam(learningRate, { eps: 1e-7, epsPlacement: 'hat' })`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adam(0.5)
 * const params = { w: new Float32Array([4, -4]) }
 * const [next] = step(tx, { w: new Float32Array([100, -2]) }, tx.init(params), params)
 * next // => { w: Float32Array [3.5, -3.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Kingma and Ba (2014), Adam: A Method for Stochastic Optimization, algorithm 1, {@link https://arxiv.org/abs/1412.6980}
 * @see adamw
 */
export const adam = (learningRate: ScalarOrSchedule, options: AdamOptions = {}): GradientTransformation<AdamState> => {
  const chosen = withDefaults<Required<AdamOptions>>('adam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    nesterov: false,
    epsPlacement: 'outside'
  })

  return withOrigin(
    ['adam', learningRate, { ...options }],
    chain(scaleByAdam(chosen), scaleByLearningRate(learningRate))
  )
}
