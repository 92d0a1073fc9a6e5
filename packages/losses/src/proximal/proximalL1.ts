import { type GradientTransformation, withDefaults } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { proximalStep } from '../internal/proximalStep.js'

/** Options of {@link proximalL1}. */
export interface ProximalL1Options {
  /** The learning rate η of the steps before it, finite and ≥ 0, or a schedule. @defaultValue `1` */
  readonly learningRate?: ScalarOrSchedule | undefined
}

/** State of {@link proximalL1}. */
export interface ProximalL1State {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
}

/**
 * After each step, brings params nearer to 0 by the same length, and those that are within it to 0 exactly: a step on
 * {@link l1Penalty} that makes params sparse.
 *
 * Elementwise, for the update g, the params p and τ = η(t) λ(t), with λ = strength, η = learningRate and the step t = 0, 1, 2, …:
 *
 *     p + u = sign(p + g) · max(|p + g| − τ, 0) = argmin ½ (y − p − g)² + τ |y|  over y
 *
 * It stands last in a chain, after the learning rate: what it is given is what is added to the params. `chain(scale(-η),
 * proximalL1(λ, { learningRate: η }))` is ISTA, which minimizes loss + λ Σ|x|. To treat some leaves alone, wrap it in {@link masked}.
 *
 * Laws: elementwise; odd in g and p together; p + u is 0 exactly where |p + g| ≤ τ, and has the sign of p + g elsewhere; with λ = 0 it is
 * the identity, bit for bit; {@link proximalElasticNet} with `l1Ratio` 1.
 *
 * @param strength - λ, finite and ≥ 0, or a schedule.
 *
 * @example
 * const tx = proximalL1(2, { learningRate: 0.25 })
 * const params = { w: new Float32Array([1, -1, 1]) }
 * const [updates] = tx.update({ w: new Float32Array([1, 0.25, -0.75]) }, tx.init(params), params)
 * applyUpdates(params, updates) // => { w: Float32Array [1.5, -0.25, 0] }
 *
 * @throws InvalidOption at construction, when an option is unknown or out of range; at update, when what a schedule gives is.
 * @see Daubechies, Defrise and De Mol (2004), An iterative thresholding algorithm for linear inverse problems with a sparsity
 * constraint, {@link https://doi.org/10.1002/cpa.20042}
 * @see Parikh and Boyd (2014), section 6.5.2, {@link https://doi.org/10.1561/2400000003}
 */
export const proximalL1 = (
  strength: ScalarOrSchedule,
  options: ProximalL1Options = {}
): GradientTransformation<ProximalL1State> => {
  const { learningRate } = withDefaults<{ learningRate: ScalarOrSchedule }>('proximalL1', options, { learningRate: 1 })
  return proximalStep(['proximalL1', strength, { ...options }], strength, learningRate, 1)
}
