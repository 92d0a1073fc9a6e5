import {
  check,
  div,
  max,
  mul,
  nonNegative,
  type Operand,
  sqrt,
  square,
  sum,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import { type AxisOptions, along, stretched, totalOf } from './axes.js'
import { checkFit } from './operands.js'

/** Options of {@link cosineSimilarity} and {@link cosineDistance}. */
export interface CosineOptions extends AxisOptions {
  /** The least that a squared length is taken for, so that a vector of zeros has a result, finite and ≥ 0. @defaultValue `0` */
  readonly epsilon?: number | undefined
}

/** The cosine of the angle between predictions and targets. */
export const similarityOf = (owner: string, predictions: Operand, targets: Operand, options: CosineOptions): Value => {
  const { epsilon, ...rest } = withDefaults<AxisOptions & { readonly epsilon: number }>(owner, options, {
    epsilon: 0,
    axis: -1,
    where: undefined
  })
  check(owner, { epsilon }, nonNegative)
  const { x, shape, axes, mask } = along(owner, 'predictions', predictions, rest)
  checkFit(owner, { predictions, targets })
  const unit = (of: Operand): Value => {
    const counting = mask === null ? of : where(mask, of, 0)
    return div(counting, stretched(sqrt(max(sum(square(counting), axes), epsilon)), shape))
  }
  return totalOf(mul(unit(x), unit(targets)), axes)
}
