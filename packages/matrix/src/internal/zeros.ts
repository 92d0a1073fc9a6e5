import { broadcast, type DType, type Expr, ndarray, zerosLike } from '@gradchain/core'

/** An array of zeros. */
export const zeros = (shape: readonly number[], dtype: DType): Expr => {
  const one = ndarray(
    new Float32Array(1),
    shape.map(() => 1)
  )
  // Of what is stretched only the shape is asked for.
  return zerosLike(broadcast(one, shape), dtype) as Expr
}
