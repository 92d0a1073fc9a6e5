import { check, type GradientTransformation, inClosedUnitInterval, withDefaults } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { proximalStep } from '../internal/proximalStep.js'

/** Options of {@link proximalElasticNet}. */
export interface ProximalElasticNetOptions {
  /** The learning rate η of the steps before it, finite and ≥ 0, or a schedule. @defaultValue `1` */
  readonly learningRate?: ScalarOrSchedule | undefined
  /** The share ρ of the magnitudes, in `[0, 1]`; the rest is that of the squares. @defaultValue `0.5` */
  readonly l1Ratio?: number | undefined
}

/** State of {@link proximalElasticNet}. */
export interface ProximalElasticNetState {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
}

/**
 * After each step, brings params nearer to 0 by the same length, those that are within it to 0 exactly, and then by the same share: a step
 * on {@link elasticNetPenalty}.
 *
 * Elementwise, for the update g, the params p and τ = η(t) λ(t), with λ = strength, η = learningRate, ρ = l1Ratio and the step
 * t = 0, 1, 2, …:
 *
 *     p + u = sign(p + g) · max(|p + g| − ρ τ, 0) / (1 + (1 − ρ) τ)
 *           = argmin ½ (y − p − g)² + τ (ρ |y| + (1 − ρ)/2 y²)  over y
 *
 * It stands last in a chain, after the learning rate: what it is given is what is added to the params. To treat some leaves alone, wrap it
 * in {@link masked}.
 *
 * Laws: elementwise; odd in g and p together; p + u is 0 exactly where |p + g| ≤ ρ τ; with λ = 0 it is the identity, bit for bit; with
 * ρ = 1 it is {@link proximalL1}.
 *
 * @param strength - λ, finite and ≥ 0, or a schedule.
 *
 * @example
 * const tx = proximalElasticNet(2, { l1Ratio: 0.5 })
 * const params = { w: new Float32Array([1, -1, 1]) }
 * const [updates] = tx.update({ w: new Float32Array([4, -1, -0.75]) }, tx.init(params), params)
 * applyUpdates(params, updates) // => { w: Float32Array [2, -0.5, 0] }
 *
 * @throws InvalidOption at construction, when an option is unknown or out of range; at update, when what a schedule gives is.
 * @see Parikh and Boyd (2014), Proximal Algorithms, section 6.5.3, {@link https://doi.org/10.1561/2400000003}
 */
export const proximalElasticNet = (
  strength: ScalarOrSchedule,
  options: ProximalElasticNetOptions = {}
): GradientTransformation<ProximalElasticNetState> => {
  const { learningRate, l1Ratio } = withDefaults<Chosen>('proximalElasticNet', options, {
    learningRate: 1,
    l1Ratio: 0.5
  })
  check('proximalElasticNet', { l1Ratio }, inClosedUnitInterval)
  return proximalStep(['proximalElasticNet', strength, { ...options }], strength, learningRate, l1Ratio)
}

/** The options with their defaults. */
interface Chosen {
  readonly learningRate: ScalarOrSchedule
  readonly l1Ratio: number
}
