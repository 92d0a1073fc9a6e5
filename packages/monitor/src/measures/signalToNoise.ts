import {
  biasCorrection,
  check,
  equal,
  inUnitInterval,
  max,
  mul,
  type Operand,
  sub,
  type Tree,
  updateMoment,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { aScope, ratio, type ScopeOptions, scoped } from '../internal/scoped.js'
import type { Scope, Scoped, StatefulStepMeasure } from './stepMeasure.js'

/** Options of {@link signalToNoise}. */
export interface SignalToNoiseOptions<By extends Scope = Scope> extends ScopeOptions<By> {
  /** Decay rate β of the averages, in `[0, 1)`: they reach back over about 1 / (1 − β) steps. @defaultValue `0.9` */
  readonly decay?: number
}

/** State of {@link signalToNoise}. */
export interface SignalToNoiseState {
  /** How many gradients were seen. */
  readonly count: number
  /** The average of the gradients, shaped like them. */
  readonly mean: Tree
  /** The average of their squared norms. */
  readonly square: Tree
}

/**
 * How much of the gradients is the same from batch to batch, for {@link measured}: the squared norm of their mean beside their variance.
 *
 * From m₀ = s₀ = 0, and w the sum of the squared weights of an average over t steps:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g           m̂ = mₜ / (1 − βᵗ)
 *     sₜ = β sₜ₋₁ + (1 − β) ‖g‖²        ŝ = sₜ / (1 − βᵗ)
 *     w = (1 − β) (1 + βᵗ) / ((1 + β) (1 − βᵗ))
 *     V = (ŝ − ‖m̂‖²) / (1 − w)          measurement = max(‖m̂‖² − w V, 0) / V
 *
 * V is the variance of a gradient, and w V what it adds to the norm of the mean: with gradients that are independent of one another, of one mean, both
 * are estimated without bias. Far below 1 larger batches pay; far above, smaller ones do. It keeps one more array for each param, and is 0 after the first step.
 *
 * Laws: scaling all gradients alike changes nothing; 0 for gradients of mean 0 but for chance; infinite for gradients that stay.
 *
 * @example
 * const tx = measured(sgd(0.1), { signal: signalToNoise() })
 * const params = { w: 0 }
 * let state = tx.init(params)
 * for (let t = 0; t < 100; t++) state = tx.update({ w: t % 2 === 0 ? 3 : 1 }, state, params)[1]
 * // A mean of 2 and deviations of 1: four to one, roughly.
 * read(state.measurements.signal).toFixed(1) // => '3.5'
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see McCandlish et al. (2018), An Empirical Model of Large-Batch Training, appendix A,
 * {@link https://arxiv.org/abs/1812.06162}, whose noise scale is the batch size over this
 */
export const signalToNoise = <By extends Scope = 'all'>(
  options: SignalToNoiseOptions<By> = {}
): StatefulStepMeasure<SignalToNoiseState, Scoped<By>> => {
  const { by, decay } = withDefaults<{ by: Scope; decay: number }>('signalToNoise', options, { by: 'all', decay: 0.9 })
  check('signalToNoise', { by }, aScope)
  check('signalToNoise', { decay }, inUnitInterval)

  const measure: StatefulStepMeasure<SignalToNoiseState, Scoped<By>>['measure'] = ({ gradients }, state) => {
    const count = state.count + 1
    const mean = tree.map((g, m) => updateMoment(g, m, decay, 1), gradients, state.mean)
    const squares: Tree = scoped(by, (g) => tree.squaredNorm(g), gradients)
    const square = tree.map((x, s) => updateMoment(x, s, decay, 1), squares, state.square)
    const debiased = tree.map((m) => biasCorrection(m, decay, count), mean)
    const ofMean: Tree = scoped(by, (m) => tree.squaredNorm(m), debiased)
    const weight = weightOf(decay, count)
    const found = tree.map((s, m2) => signalOf(biasCorrection(s, decay, count), m2, weight), square, ofMean)
    // One number or a tree of them, as the squared norms are.
    return [found as Scoped<By>, { count, mean: tree.castLike(mean, state.mean), square }]
  }
  return {
    init: ({ gradients }) => ({
      count: 0,
      mean: tree.zerosLike(tree.widen(gradients)),
      square: scoped(by, (g) => mul(0, tree.squaredNorm(g)), gradients)
    }),
    measure: Object.assign(measure, { origin: ['signalToNoise', { ...options }] })
  }
}

/** The sum of the squared weights of an average over so many steps. */
const weightOf = (decay: number, count: number): number => {
  const power = integerPower(decay, count)
  return ((1 - decay) * (1 + power)) / ((1 + decay) * (1 - power))
}

const signalOf = (square: Value, ofMean: Operand, weight: number): Value => {
  // Of one gradient there is no variance.
  if (weight >= 1) return mul(0, square)
  const variance = max(mul(sub(square, ofMean), 1 / (1 - weight)), 0)
  const signal = max(sub(ofMean, mul(weight, variance)), 0)
  return where(equal(square, 0), 0, ratio(signal, variance))
}
