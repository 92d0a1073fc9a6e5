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
  type ScaleByAnoOptions,
  type ScaleByAnoState,
  type ScaleByScheduleState,
  scaleByAno,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link ano}: those of `scaleByAno`, and the weight decay. */
export interface AnoOptions<P = Tree<Leaf>, M = never> extends ScaleByAnoOptions {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Ano runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link ano}. */
export type AnoState = readonly [ScaleByAnoState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Ano: direction from momentum, length from the gradient at hand, with decoupled weight decay.
 *
 *     chain(
 *       scaleByAno({ b1, b2, eps, muDtype, nuDtype }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g at step t = 1, 2, …, the param p and the learning rate α, from m₀ = v₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     vₜ = vₜ₋₁ − (1 − β₂) sign(vₜ₋₁ − g²) g²          v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) (|g| sign(mₜ) / (√v̂ + eps) + λ(t − 1) p)
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = ano(0.5, { eps: 0, weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Kegreisz (2025), ANO: Faster is Better in Noisy Landscapes, algorithm 1, {@link https://arxiv.org/abs/2508.18258}
 */
export const ano = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AnoOptions<P, M> = {}
): GradientTransformation<AnoState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<AnoOptions<P, M>>>('ano', options, {
    b1: 0.92,
    b2: 0.99,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('ano', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['ano', learningRate, { ...options }],
    chain(scaleByAno(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
