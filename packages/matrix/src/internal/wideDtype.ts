import { Expr, type Operand } from '@gradchain/core'

/** The dtype in which an array is computed with: float32 where it is of 16 bits. */
export const wideDtype = (x: Operand): 'float32' | 'float64' => {
  const dtype = x instanceof Expr ? x.dtype : 'float64'
  return dtype === 'float64' ? 'float64' : 'float32'
}
