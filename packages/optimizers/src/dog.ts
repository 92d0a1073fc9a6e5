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
  type ScaleByDogOptions,
  type ScaleByDogState,
  type ScaleByScheduleState,
  scaleByDog,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link dog}: those of `scaleByDog`, and a weight decay. */
export interface DogOptions<P = Tree<Leaf>, M = never> extends ScaleByDogOptions {
  /** Share λ of the params that is added to the gradient, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link dog}. */
export type DogState = readonly [AddDecayedWeightsState, ScaleByDogState, ScaleByScheduleState]

/**
 * DoG: steps as long as the params have come, over the root of the sum of squared gradients; there is no learning rate to choose.
 *
 *     chain(
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByDog({ initStep, eps }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradients g, all leaves together, and the params p, at step t = 1, 2, …, with h = g + λ p, from G₀ = 0:
 *
 *     dₜ = max(dₜ₋₁, ‖pₜ₋₁ − p₀‖)
 *     Gₜ = Gₜ₋₁ + ‖h‖²
 *     uₜ = −α(t − 1) dₜ / √(Gₜ + eps) · h
 *
 * The learning rate α is a factor of the step that the rule has found, 1 if anything. The authors recommend averaging the params:
 * `polyakAverage(dog())`.
 *
 * Laws: with weightDecay 0 odd in the history of gradients; a tree and its flattened vector agree; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; 1 by default.
 *
 * @example
 * const tx = dog(1, { initStep: ['distance', 5], eps: 0 })
 * const params = { w: [3, 4] }
 * step(tx, { w: [6, 8] }, tx.init(params), params)[0] // => { w: [0, 0] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Ivgi, Hinder and Carmon (2023), DoG is SGD's Best Friend: A Parameter-Free Dynamic Step Size Schedule, algorithm 1,
 * {@link https://arxiv.org/abs/2302.12022}
 * @see dowg, and scaleByDistanceOverGradients, which does it leaf by leaf
 */
export const dog = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 1,
  options: DogOptions<P, M> = {}
): GradientTransformation<DogState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<DogOptions<P, M>>>('dog', options, {
    initStep: ['heuristic', 1e-6],
    eps: 1e-8,
    weightDecay: 0,
    mask: true
  })
  check('dog', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['dog', learningRate, { ...options }],
    chain(addDecayedWeights(weightDecay, { mask }), scaleByDog(rest), scaleByLearningRate(learningRate))
  )
}
