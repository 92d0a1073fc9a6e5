import {
  abs,
  add,
  check,
  div,
  greater,
  less,
  max,
  maxOf,
  mul,
  nonNegative,
  type Operand,
  sqrt,
  square,
  stopGradient,
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
    const scale = scaleOf(counting, axes)
    const scaled = div(counting, stretched(scale, shape))
    const least = div(div(epsilon, scale), scale)
    return div(scaled, stretched(sqrt(max(sum(square(scaled), axes), least)), shape))
  }
  return totalOf(mul(unit(x), unit(targets)), axes)
}

/**
 * What elements are divided by where their squares may be no numbers of their dtype: the largest of them, and 1 elsewhere. A direction has no length, so
 * that it is a constant.
 */
const scaleOf = (x: Operand, axes: readonly number[]): Value => {
  const largest = stopGradient(maxOf(abs(x), axes))
  const isFar = mul(greater(largest, 0), add(less(largest, 1e-15), greater(largest, 1e15)))
  return where(isFar, largest, 1)
}
