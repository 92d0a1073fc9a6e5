import { add, check, inClosedUnitInterval, mul, type Valid, type Value, withDefaults } from '@gradchain/core'
import { l1Penalty } from './l1Penalty.js'
import { l2Penalty } from './l2Penalty.js'

/** Options of {@link elasticNetPenalty}. */
export interface ElasticNetPenaltyOptions {
  /** The share ρ of the magnitudes, in `[0, 1]`; the rest is that of the squares. @defaultValue `0.5` */
  readonly l1Ratio?: number | undefined
}

/**
 * Magnitudes and squares of all elements, to be added to a loss: what makes params 0, and those that go together alike.
 *
 *     ρ Σ |x| + (1 − ρ)/2 Σ x²        for ρ = l1Ratio
 *
 * A lazy scalar, 0 for an empty tree. To be multiplied with a strength; {@link proximalElasticNet} takes steps on it that lead to 0.
 *
 * Laws: with ρ = 1 it is {@link l1Penalty}, with ρ = 0 {@link l2Penalty}.
 *
 * @example
 * read(elasticNetPenalty({ w: new Float32Array([1, -2]), b: 1 })) // => 3.5
 * read(elasticNetPenalty({ w: new Float32Array([1, -2]), b: 1 }, { l1Ratio: 1 })) // => 4
 *
 * @throws InvalidOption when l1Ratio is not in [0, 1]; InvalidTree for what is no tree of arrays.
 * @see Zou and Hastie (2005), Regularization and variable selection via the elastic net,
 * {@link https://doi.org/10.1111/j.1467-9868.2005.00503.x}
 */
export const elasticNetPenalty = <P>(params: Valid<P>, options: ElasticNetPenaltyOptions = {}): Value => {
  const { l1Ratio } = withDefaults('elasticNetPenalty', options, { l1Ratio: 0.5 })
  check('elasticNetPenalty', { l1Ratio }, inClosedUnitInterval)
  return add(mul(l1Ratio, l1Penalty(params)), mul(1 - l1Ratio, l2Penalty(params)))
}
