import {
  check,
  finite,
  type GradientTransformation,
  type Key,
  keyOrSeed,
  nonNegative,
  required,
  transformation,
  withDefaults
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'

/** Options of {@link addNoise}; all of them must be given. */
export interface AddNoiseOptions {
  /** Variance η of the noise at the first update, finite and ≥ 0. */
  readonly eta: number
  /** Exponent γ with which the variance falls, finite; 0.55 in the paper. */
  readonly gamma: number
  /** Where the noise comes from: a key, or a whole number for the key of that seed. */
  readonly key: Key | number
}

/** State of {@link addNoise}. */
export interface AddNoiseState {
  /** How many updates were seen. */
  readonly count: number
  /** The key for the updates to come. */
  readonly rngKey: Key
}

/**
 * Adds Gaussian noise to the updates, less and less of it.
 *
 * Elementwise, for the update g at step t = 1, 2, … and ε from the standard normal distribution:
 *
 *     uₜ = g + √(η / tᵞ) ε
 *
 * The noise is a function of the key, the step and the place of the leaf: the same key gives the same noise, which is that
 * of Optax. Leaves are served in the order of their sorted names, so that the order in which the params were written does
 * not matter. Noise for a leaf of 16 bits is drawn in float32.
 *
 * Laws: with η = 0 it is the identity; the noise is proportional to √η, and to t^(−γ/2) for the same draw; it does not depend
 * on the gradients.
 *
 * @example
 * const tx = addNoise({ eta: 0.01, gamma: 0.55, key: 0 })
 * const params = { w: 1 }
 * const [u, state] = tx.update({ w: 2 }, tx.init(params), params)
 * u.w.toFixed(12) // => '1.995302444611'
 * state.count // => 1
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range.
 * @see Neelakantan et al. (2015), section 3, {@link https://arxiv.org/abs/1511.06807}
 */
export const addNoise = (options: AddNoiseOptions): GradientTransformation<AddNoiseState> => {
  const { eta, gamma, key } = withDefaults<AddNoiseOptions>('addNoise', options, {
    eta: required,
    gamma: required,
    key: required
  })
  check('addNoise', { eta }, nonNegative)
  check('addNoise', { gamma }, finite)
  check('addNoise', { key }, keyOrSeed)
  const first = typeof key === 'number' ? random.key(key) : key

  return transformation<AddNoiseState>({
    origin: ['addNoise', { ...options }],
    init: () => ({ count: 0, rngKey: first }),
    update: (updates, state) => {
      const count = state.count + 1
      const [rngKey, now] = random.split(state.rngKey)
      const noise = tree.randomLike(now, updates)
      return [tree.addScale(updates, Math.sqrt(eta / pow(count, gamma)), noise), { count, rngKey }]
    }
  })
}
