import { abs, broadcast, div, Expr, equal, maxOf, norm, type Value, where } from '@gradchain/core'

/** The axes of the matrices of a stack. */
const axesOf = (x: Expr): readonly number[] => {
  const rank = x.shape?.length ?? 0
  return [rank - 2, rank - 1]
}

const isOne = (x: Expr): boolean => x.shape?.length === 2

/** What there is one of for each matrix, as many times as the matrix has elements; of one matrix it is a number as it is. */
export const spread = (value: Value, shape: readonly number[]): Value =>
  value instanceof Expr && !value.isScalar ? broadcast(value, shape) : value

/** The Frobenius norm of each matrix: along axes that stay with length 1, or one lazy number where there is one matrix. */
export const lengthOf = (x: Expr): Value => (isOne(x) ? norm(x) : norm(x, axesOf(x)))

/** A divisor, and 1 where it is 0. */
export const orOne = (x: Value): Value => where(equal(x, 0), 1, x)

/** Matrices by the magnitude of their largest element, so that no product overflows or vanishes. */
export interface ByLargest {
  readonly unit: Expr
  /** That magnitude, 1 for zeros; of the form that `lengthOf` has. */
  readonly size: Value
}

/** Each matrix divided by the magnitude of its largest element. */
export const byLargest = (x: Expr): ByLargest => {
  const size = orOne(isOne(x) ? maxOf(abs(x)) : maxOf(abs(x), axesOf(x)))
  return { unit: div(x, spread(size, x.shape ?? [])) as Expr, size }
}
