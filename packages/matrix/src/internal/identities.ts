import { broadcast, type DType, type Expr, identityMatrix, mul, reshape } from '@gradchain/core'

/** Identity matrices, one or a stack of them, as an array of its own. */
export const identities = (shape: readonly number[], dtype: DType, scale = 1): Expr => {
  const n = shape.at(-1) as number
  const one = identityMatrix(n, dtype)
  const stack =
    shape.length === 2
      ? one
      : broadcast(
          reshape(
            one,
            shape.map((_, axis) => (axis < shape.length - 2 ? 1 : n))
          ),
          shape
        )
  return mul(scale, stack) as Expr
}
