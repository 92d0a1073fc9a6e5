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
  type ScaleByAmsgradOptions,
  type ScaleByAmsgradState,
  type ScaleByScheduleState,
  scaleByAmsgrad,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link padam}: those of `scaleByAmsgrad`, with the defaults of the paper, and the weight decay. */
export interface PadamOptions<P = Tree<Leaf>, M = never> extends ScaleByAmsgradOptions {
  /** Whether to make up for the start of the first moment. @defaultValue `false` */
  readonly biasCorrectionMu?: boolean
  /** Whether to make up for the start of the second moment. @defaultValue `false` */
  readonly biasCorrectionNu?: boolean
  /** Whether the maximum is that of corrected second moments, or is corrected itself. @defaultValue `'raw'` */
  readonly maxOn?: 'corrected' | 'raw'
  /** The power p to which the second moment is taken, in `[0, 1)`. @defaultValue `0.125` */
  readonly power?: number
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Padam runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link padam}. */
export type PadamState = readonly [ScaleByAmsgradState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Padam: AMSGrad that divides by less than the whole magnitude, with decoupled weight decay; between gradient descent with momentum and AMSGrad.
 *
 *     chain(
 *       scaleByAmsgrad({ b1, b2, eps, epsRoot, muDtype, nuDtype, biasCorrectionMu, biasCorrectionNu, maxOn, epsPlacement, power }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = v₀ = V₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         Vₜ = max(Vₜ₋₁, vₜ)
 *     uₜ = −α(t − 1) (mₜ / (√Vₜ + eps)²ᵖ + λ(t − 1) p)
 *
 * The exponent is 2 p for p = power, 1/8 by default; the learning rate may be as large as for gradient descent. The paper has no
 * corrections of moments; its program has both.
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; with power 0.5 it is {@link amsgrad} without corrections; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = padam(0.5, { b1: 0, b2: 0, eps: 0, power: 0.25 })
 * const params = { w: 8 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 7 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Chen et al. (2018), Closing the Generalization Gap of Adaptive Gradient Methods in Training Deep Neural Networks,
 * algorithm 1, {@link https://arxiv.org/abs/1806.06763}
 */
export const padam = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: PadamOptions<P, M> = {}
): GradientTransformation<PadamState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<PadamOptions<P, M>>>('padam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    biasCorrectionMu: false,
    biasCorrectionNu: false,
    maxOn: 'raw',
    epsPlacement: 'outside',
    power: 0.125,
    weightDecay: 0,
    mask: true
  })
  check('padam', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['padam', learningRate, { ...options }],
    chain(scaleByAmsgrad(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
