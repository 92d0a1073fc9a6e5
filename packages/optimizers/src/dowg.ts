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
  type ScaleByDowgOptions,
  type ScaleByDowgState,
  type ScaleByScheduleState,
  scaleByDowg,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link dowg}: those of `scaleByDowg`, and a weight decay. */
export interface DowgOptions<P = Tree<Leaf>, M = never> extends ScaleByDowgOptions {
  /** Share λ of the params that is added to the gradient, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link dowg}. */
export type DowgState = readonly [AddDecayedWeightsState, ScaleByDowgState, ScaleByScheduleState]

/**
 * DoWG: DoG with squared gradients weighed by how far the params had come, so that steps may grow; there is no learning rate to choose.
 *
 *     chain(
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByDowg({ initEstimSqDist, eps }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradients g, all leaves together, and the params p, at step t = 1, 2, …, with h = g + λ p, from v₀ = 0 and
 * r²₀ = initEstimSqDist, which is eps by default:
 *
 *     r²ₜ = max(r²ₜ₋₁, ‖pₜ₋₁ − p₀‖²)
 *     vₜ  = vₜ₋₁ + r²ₜ ‖h‖²
 *     uₜ  = −α(t − 1) r²ₜ / (√vₜ + eps) · h
 *
 * The learning rate α is a factor of the step that the rule has found, 1 if anything.
 *
 * Laws: with weightDecay 0 odd in the history of gradients; a tree and its flattened vector agree; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; 1 by default.
 *
 * @example
 * const tx = dowg(1, { initEstimSqDist: 25, eps: 0 })
 * const params = { w: [3, 4] }
 * step(tx, { w: [6, 8] }, tx.init(params), params)[0] // => { w: [0, 0] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Khaled, Mishchenko and Jin (2023), DoWG Unleashed: An Efficient Universal Parameter-Free Gradient Descent Method,
 * algorithm 1, {@link https://arxiv.org/abs/2305.16284}
 * @see dog
 */
export const dowg = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 1,
  options: DowgOptions<P, M> = {}
): GradientTransformation<DowgState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<DowgOptions<P, M>>>('dowg', options, {
    initEstimSqDist: undefined,
    eps: 1e-4,
    weightDecay: 0,
    mask: true
  })
  check('dowg', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['dowg', learningRate, { ...options }],
    chain(addDecayedWeights(weightDecay, { mask }), scaleByDowg(rest), scaleByLearningRate(learningRate))
  )
}
