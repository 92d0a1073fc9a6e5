import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAmsgradOptions,
  type ScaleByAmsgradState,
  type ScaleByScheduleState,
  scaleByAmsgrad,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link amsgrad}: those of `scaleByAmsgrad`. */
export type AmsgradOptions = ScaleByAmsgradOptions

/** State of {@link amsgrad}. */
export type AmsgradState = readonly [ScaleByAmsgradState, ScaleByScheduleState]

/**
 * AMSGrad: Adam whose steps never grow back, because it divides by the largest magnitude estimated so far.
 *
 *     chain(scaleByAmsgrad({ b1, b2, eps, epsRoot, muDtype, nuDtype, biasCorrectionMu, biasCorrectionNu, maxOn, epsPlacement, power }),
 *           scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, … and the learning rate α, from m₀ = v₀ = V₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         Vₜ = max(Vₜ₋₁, vₜ / (1 − β₂ᵗ))
 *     uₜ = −α(t − 1) m̂ / (√(Vₜ + epsRoot) + eps)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; `adam` as long as the magnitude of the
 * gradient does not fall; a learning rate that is a number is its constant schedule.
 *
 * PyTorch's AMSGrad is `amsgrad(learningRate, { maxOn: 'raw' })`, that of Keras
 * `amsgrad(learningRate, { maxOn: 'raw', eps: 1e-7, epsPlacement: 'hat' })`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = amsgrad(0.5, { b1: 0, b2: 0.5, eps: 0 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 4 }, tx.init(params), params)
 * next // => { w: 3.5 }
 * step(tx, { w: 1 }, state, next)[0] // => { w: 3.375 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Reddi, Kale and Kumar (2018), On the Convergence of Adam and Beyond, algorithm 2, {@link https://arxiv.org/abs/1904.09237}
 */
export const amsgrad = (
  learningRate: ScalarOrSchedule,
  options: AmsgradOptions = {}
): GradientTransformation<AmsgradState> => {
  const chosen = withDefaults<Required<AmsgradOptions>>('amsgrad', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    biasCorrectionMu: true,
    biasCorrectionNu: true,
    maxOn: 'corrected',
    epsPlacement: 'outside',
    power: 0.5
  })

  return withOrigin(
    ['amsgrad', learningRate, { ...options }],
    chain(scaleByAmsgrad(chosen), scaleByLearningRate(learningRate))
  )
}
