import {
  div,
  type Expr,
  greater,
  mul,
  type NdArray,
  opaque,
  shapeOf,
  sub,
  sum,
  type Value,
  where
} from '@gradchain/core'
import { keptOf, stretched } from './axes.js'
import { thresholdOf } from './thresholdOf.js'

/** For each row what its scores must be lowered by, none of them below 0, to sum up to 1. */
const thresholds =
  (length: number) =>
  ({ data }: NdArray): Float32Array | Float64Array => {
    const out = new (data instanceof Float64Array ? Float64Array : Float32Array)(data.length / length)
    for (let i = 0; i < out.length; i++) {
      out[i] = thresholdOf(Float64Array.from(data.subarray(i * length, (i + 1) * length)), 1)
    }
    return out
  }

/**
 * The probabilities that are nearest to some scores of float32 or float64, along the last axis: the scores less a threshold, where they are above it.
 */
export const sparsemaxOf = (scores: Expr): Value => {
  const shape = shapeOf(scores)
  const last = shape.length - 1
  const kept = keptOf(shape, [last])
  const isAbove = (threshold: Value): Value => greater(scores, stretched(threshold, shape))
  const threshold = opaque(
    thresholds(shape[last] as number),
    [scores],
    { dtype: scores.dtype, shape: kept },
    {
      // It is the mean of those above it, less a constant.
      vjp: (dy, _, result) => {
        const support = isAbove(result)
        return [mul(support, stretched(div(dy, sum(support, [last])), shape))]
      }
    }
  )
  const above = stretched(threshold, shape)
  return where(greater(scores, above), sub(scores, above), 0)
}
