import { add, castLike, type DType, mul, type Operand, sub, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { isObject } from './requirements.js'

/** The params as the average of one, in float32 where they are 16-bit, or in the dtype given. */
export const averageOfOne = (params: Tree, dtype: DType | undefined): Tree => tree.cast(tree.widen(params), dtype)

/**
 * Whether the inner transformation made an update: false where it is a `multiSteps` that only accumulated, or skipped, a
 * mini-batch, which moves no params. That is seen by its states.
 */
export const hasMoved = (before: unknown, after: unknown): boolean =>
  !(isObject(before) && isObject(after) && 'miniStep' in after && 'gradientStep' in after) ||
  before['gradientStep'] !== after['gradientStep']

/** The average, a share of the way from where it is towards some params; a share of 1 is exactly there. */
export const averageTowards = (average: Tree, params: Tree, share: number): Tree =>
  tree.map((a, p) => castLike(share === 1 ? p : between(a, p, share), a), average, params)

// From the nearer end, as rounding is a share of the way.
const between = (from: Operand, to: Operand, share: number): Operand => {
  const way = sub(to, from)
  return share <= 0.5 ? add(from, mul(share, way)) : sub(to, mul(1 - share, way))
}
