import { type DType, Expr, type Operand, shapeOf } from '@gradchain/core'

/** The shape of a leaf; `null` for a number, lazy or not. A bare vector has the shape of its length. */
export const leafShape = (x: Operand): readonly number[] | null => {
  const isNumber = typeof x === 'number' || (x instanceof Expr && x.isScalar)
  return isNumber ? null : shapeOf(x)
}

/** The dtype in which an array is computed with: the 16-bit ones are storage alone. */
export const wideDtype = (x: Exclude<Operand, number>): DType => {
  const isFloat64 = x instanceof Float64Array || (!(x instanceof Float32Array) && x.dtype === 'float64')
  return isFloat64 ? 'float64' : 'float32'
}
