import { type DType, Expr, type Operand } from '@gradchain/core'

/** The shape of a leaf; `null` for a number, lazy or not. A bare vector has the shape of its length. */
export const leafShape = (x: Operand): readonly number[] | null => {
  if (typeof x === 'number') return null
  if (x instanceof Expr) return x.shape ?? (x.isScalar ? null : [x.size])
  return 'shape' in x ? x.shape : [x.length]
}

/** The lengths of the axes of a leaf: `[n]` for a bare vector, `[]` for a number. */
export const shapeOf = (x: Operand): readonly number[] => leafShape(x) ?? []

/** The dtype in which an array is computed with: the 16-bit ones are storage alone. */
export const wideDtype = (x: Exclude<Operand, number>): DType => {
  const isFloat64 = x instanceof Float64Array || (!(x instanceof Float32Array) && x.dtype === 'float64')
  return isFloat64 ? 'float64' : 'float32'
}
