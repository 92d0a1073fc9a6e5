import {
  check,
  div,
  exp,
  InvalidTree,
  maxOf,
  mean,
  min,
  mul,
  type Operand,
  type Requirement,
  shapeOf,
  show,
  sub,
  sum,
  sumSquares,
  type Value,
  withDefaults
} from '@gradchain/core'

/** Options of {@link importanceWeights}. */
export interface ImportanceWeightsOptions {
  /**
   * How many times the mean weight a weight may be at most, ≥ 1; for n examples, √n is a choice that makes the bias vanish.
   * @defaultValue `Infinity`
   */
  readonly clip?: number | undefined
}

/** What {@link importanceWeights} gives. */
export interface ImportanceWeights {
  /** The weights w, shaped like the ratios, which sum to 1. */
  readonly weights: Value
  /** How many examples of equal weights are worth as much: 1 / Σ w². */
  readonly effectiveSampleSize: Value
}

/**
 * The weights of examples that were drawn from one distribution for a mean over another.
 *
 *     rᵢ = exp(ℓᵢ)        wᵢ = min(rᵢ, c r̄) / Σⱼ min(rⱼ, c r̄)        n_eff = 1 / Σ wᵢ²
 *
 * for ℓ = ln p − ln q, the densities of what is wanted and of what was drawn from, the mean ratio r̄ and c = clip. A weighted loss is
 * `dot(weights, losses)`. With losses, lengths of gradients or uncertainties as densities of a sampler q ∝ s, ℓ is −ln s. Clipping trades
 * variance for bias. Ratios are known up to a factor alone, as weights are divided by their sum; ℓ may be as large as it likes, and −∞.
 * Lazy, with derivatives; `stopGradient(weights)` where the loss alone is to be differentiated.
 *
 * Laws: weights are ≥ 0 and sum to 1; adding a number to all ℓ changes nothing, up to rounding; 1 ≤ n_eff ≤ n, and n where all ℓ are the
 * same; a smaller clip has no smaller n_eff; with clip 1 no weight is above 1/n before they are divided by their sum.
 *
 * @param logRatios - ℓ, a vector of one for each example, or an array of any shape.
 *
 * @example
 * const { weights, effectiveSampleSize } = importanceWeights(new Float64Array([0, Math.log(3), -Infinity]))
 * force(weights) // => Float64Array [0.25, 0.7499…, 0]
 * read(effectiveSampleSize).toFixed(6) // => '1.600000'
 * force(importanceWeights(new Float64Array([0, Math.log(3), -Infinity]), { clip: 1.5 }).weights) // => Float64Array [0.333…, 0.666…, 0]
 *
 * @throws InvalidOption when clip is not a number ≥ 1; InvalidTree for a number in place of an array.
 * @see Ionides (2008), Truncated Importance Sampling, {@link https://doi.org/10.1198/106186008X320456}; Kish (1965), Survey
 * Sampling, section 8.2
 */
export const importanceWeights = (logRatios: Operand, options: ImportanceWeightsOptions = {}): ImportanceWeights => {
  const { clip } = withDefaults('importanceWeights', options, { clip: Infinity })
  check('importanceWeights', { clip }, atLeastOne)
  if (shapeOf(logRatios).length === 0) {
    throw new InvalidTree(`importanceWeights: logRatios must be an array, got ${show(logRatios)}`)
  }
  const ratios = exp(sub(logRatios, maxOf(logRatios)))
  const kept = clip === Infinity ? ratios : min(ratios, mul(clip, mean(ratios)))
  const weights = div(kept, sum(kept))
  return { weights, effectiveSampleSize: div(1, sumSquares(weights)) }
}

const atLeastOne: Requirement = {
  what: 'a number ≥ 1',
  holds: (value) => typeof value === 'number' && value >= 1
}
