import { exp, isFinite, log, maxOf, stopGradient, sub, sum, type Value, where } from '@gradchain/core'
import { type Along, stretched } from './axes.js'

/** What softmax functions are made of. */
export interface SoftmaxParts {
  /** The elements less the largest along the axes, whether they count or not. */
  readonly shifted: Value
  /** The largest that counts, with length 1 along the axes; 0 where it is not finite, as where none counts. */
  readonly largest: Value
  /** log Σ exp(shifted) of those that count, with length 1 along the axes. */
  readonly logTotal: Value
}

/** The parts of softmax along axes, of the elements that count. */
export const softmaxParts = ({ x, shape, axes, mask }: Along): SoftmaxParts => {
  const counting = mask === null ? x : where(mask, x, -Infinity)
  const most = maxOf(counting, axes)
  // The result does not depend on what is taken off, so neither do its derivatives.
  const largest = stopGradient(where(isFinite(most), most, 0))
  const shifted = sub(x, stretched(largest, shape))
  const exponentials = mask === null ? exp(shifted) : where(mask, exp(shifted), 0)
  return { shifted, largest, logTotal: log(sum(exponentials, axes)) }
}

/** −log softmax along axes: how surprising each element is. What does not count has any value. */
export const surpriseOf = (of: Along): Value => {
  const { shifted, logTotal } = softmaxParts(of)
  return sub(stretched(logTotal, of.shape), shifted)
}

/** log softmax along axes; what does not count has any value. */
export const logSoftmaxOf = (of: Along): Value => {
  const { shifted, logTotal } = softmaxParts(of)
  return sub(shifted, stretched(logTotal, of.shape))
}
