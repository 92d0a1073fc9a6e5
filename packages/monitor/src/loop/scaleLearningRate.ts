import { check, inUnitInterval, nonNegative, oneOf, optional, positive, required, withDefaults } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'

/** What {@link scaleLearningRate} is given. */
export interface ScaleLearningRateOptions {
  /** The learning rate that is right for `from`, finite and > 0. */
  readonly learningRate: number
  /** The batch size it was found with, finite and > 0. */
  readonly from: number
  /** The batch size it is wanted for, finite and > 0. */
  readonly to: number
  /** `'linear'` for gradient descent and momentum, `'sqrt'` for Adam and its kin. */
  readonly rule: 'linear' | 'sqrt'
  /** The decay rate of the first moment, in `[0, 1)`. @defaultValue not scaled */
  readonly b1?: number | undefined
  /** The decay rate of the second moment, in `[0, 1)`. @defaultValue not scaled */
  readonly b2?: number | undefined
  /** What is added to the root of the second moment, finite and ≥ 0. @defaultValue not scaled */
  readonly eps?: number | undefined
  /** The weight decay, times the learning rate as that of `adamw`, finite and ≥ 0. @defaultValue not scaled */
  readonly weightDecay?: number | undefined
}

/** Hyperparameters for another batch size; those alone that were given. */
export interface ScaledHyperparams {
  readonly learningRate: number
  readonly b1?: number
  readonly b2?: number
  readonly eps?: number
  readonly weightDecay?: number
}

/**
 * Hyperparameters for a batch of another size, or for another number of machines that share one.
 *
 * With κ = to / from:
 *
 *     rule 'linear':   η′ = κ η      β′ = β           ε′ = ε           λ′ = λ
 *     rule 'sqrt':     η′ = √κ η     β′ = β^κ         ε′ = ε / √κ      λ′ = √κ λ
 *
 * κ times as large a batch makes as many times fewer steps. The linear rule goes as far with them as long as steps are short, and keeps the momentum; the other
 * one keeps what Adam's noise does: gradients have 1 / √κ of the deviation, averages reach back over as many examples as before. Both keep the decay of weights over an
 * epoch: η′ λ′ = κ η λ. Neither holds for batches so large that noise no longer matters; a warmup helps there.
 *
 * The paper has 1 − κ (1 − β) for β^κ: the same to first order, and not below 0 here.
 *
 * Laws: from one size to another and on to a third is from the first to the third, up to rounding; to the same size changes nothing.
 *
 * @example
 * scaleLearningRate({ learningRate: 0.1, from: 256, to: 1024, rule: 'linear', weightDecay: 1e-4 })
 * // => { learningRate: 0.4, weightDecay: 0.0001 }
 * scaleLearningRate({ learningRate: 1e-3, from: 256, to: 1024, rule: 'sqrt', b1: 0.9, b2: 0.999, weightDecay: 0.01 })
 * // => { learningRate: 0.002, b1: 0.656…, b2: 0.996…, weightDecay: 0.02 }
 *
 * @throws InvalidOption when an option is missing or outside its range.
 * @see Goyal et al. (2017), section 2.1, {@link https://arxiv.org/abs/1706.02677}; Malladi et al. (2022), On the SDEs and Scaling
 * Rules for Adaptive Gradient Algorithms, definition 5.2, {@link https://arxiv.org/abs/2205.10287}
 */
export const scaleLearningRate = (options: ScaleLearningRateOptions): ScaledHyperparams => {
  const { learningRate, from, to, rule, b1, b2, eps, weightDecay } = withDefaults<Required<ScaleLearningRateOptions>>(
    'scaleLearningRate',
    options,
    {
      learningRate: required,
      from: required,
      to: required,
      rule: required,
      b1: undefined,
      b2: undefined,
      eps: undefined,
      weightDecay: undefined
    }
  )
  check('scaleLearningRate', { learningRate, from, to }, positive)
  check('scaleLearningRate', { rule }, oneOf('linear', 'sqrt'))
  check('scaleLearningRate', { b1, b2 }, optional(inUnitInterval))
  check('scaleLearningRate', { eps, weightDecay }, optional(nonNegative))
  const factor = to / from
  const root = Math.sqrt(factor)
  const isLinear = rule === 'linear'
  const decay = (b: number): number => (isLinear ? b : pow(b, factor))
  return {
    learningRate: learningRate * (isLinear ? factor : root),
    ...(b1 === undefined ? {} : { b1: decay(b1) }),
    ...(b2 === undefined ? {} : { b2: decay(b2) }),
    ...(eps === undefined ? {} : { eps: isLinear ? eps : eps / root }),
    ...(weightDecay === undefined ? {} : { weightDecay: isLinear ? weightDecay : weightDecay * root })
  }
}
