import { chain, type GradientTransformation, type Key, required, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type AddNoiseState, addNoise, type ScaleByScheduleState, scaleByLearningRate } from '@gradchain/transforms'

/** Options of {@link noisySgd}. */
export interface NoisySgdOptions {
  /** Where the noise comes from: a key, or a whole number for the key of that seed. It must be given. */
  readonly key: Key | number
  /** Variance η of the noise at the first update, finite and ≥ 0. @defaultValue `0.01` */
  readonly eta?: number
  /** Exponent γ with which the variance falls, finite. @defaultValue `0.55` */
  readonly gamma?: number
}

/** State of {@link noisySgd}. */
export type NoisySgdState = readonly [AddNoiseState, ScaleByScheduleState]

/**
 * Stochastic gradient descent with annealed Gaussian noise on the gradients.
 *
 *     chain(addNoise({ eta, gamma, key }), scaleByLearningRate(learningRate))
 *
 * For the gradient g at step t = 1, 2, …, the learning rate α and ε from the standard normal distribution:
 *
 *     uₜ = −α(t − 1) (g + √(η / tᵞ) ε)
 *
 * Laws: with η = 0 it is `sgd`; a learning rate that is a number is its constant schedule.
 *
 * Unlike in Optax, where it is 0 by default with a warning, the key must be given.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = noisySgd(0.5, { key: 0 })
 * const params = { w: 4 }
 * const [next] = step(tx, { w: 2 }, tx.init(params), params)
 * next.w.toFixed(12) // => '3.002348777694'
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range; one of a part in the name of the
 * part.
 * @see Neelakantan et al. (2015), section 3, {@link https://arxiv.org/abs/1511.06807}
 */
export const noisySgd = (
  learningRate: ScalarOrSchedule,
  options: NoisySgdOptions
): GradientTransformation<NoisySgdState> => {
  const { key, eta, gamma } = withDefaults<Required<NoisySgdOptions>>('noisySgd', options, {
    // It has no default; addNoise refuses to go without.
    key: required,
    eta: 0.01,
    gamma: 0.55
  })
  return withOrigin(
    ['noisySgd', learningRate, { ...options }],
    chain(addNoise({ eta, gamma, key }), scaleByLearningRate(learningRate))
  )
}
