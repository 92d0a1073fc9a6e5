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
  type ScaleByAcpropOptions,
  type ScaleByAcpropState,
  type ScaleByScheduleState,
  scaleByAcprop,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link acprop}: those of `scaleByAcprop`, and the weight decay. */
export interface AcpropOptions<P = Tree<Leaf>, M = never> extends ScaleByAcpropOptions {
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; ACProp runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link acprop}. */
export type AcpropState = readonly [ScaleByAcpropState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * ACProp: AdaBelief whose divisor does not know the gradient that it divides, with decoupled weight decay.
 *
 *     chain(
 *       scaleByAcprop({ b1, b2, eps, epsRoot, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = s₀ = 0:
 *
 *     ŝ = sₜ₋₁ / (1 − β₂ᵗ⁻¹)                             (1 when t = 1)
 *     sₜ = β₂ sₜ₋₁ + (1 − β₂) (g − mₜ₋₁)² + epsRoot
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     uₜ = −α(t − 1) (g / (√ŝ + eps) + λ(t − 1) p)
 *
 * The first step is that of plain gradient descent, α g.
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = acprop(0.5, { weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 4.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Zhuang et al. (2021), Momentum Centering and Asynchronous Update for Adaptive Gradient Methods, algorithm 2,
 * {@link https://arxiv.org/abs/2110.05454}
 * @see adabelief
 */
export const acprop = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AcpropOptions<P, M> = {}
): GradientTransformation<AcpropState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AcpropOptions<P, M>>>('acprop', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-16,
    epsRoot: 1e-16,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('acprop', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['acprop', learningRate, { ...options }],
    chain(scaleByAcprop(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
