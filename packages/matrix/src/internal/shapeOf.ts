import { Expr, type Operand } from '@gradchain/core'

/** The lengths of the axes of a leaf: `[n]` for a bare vector, `[]` for a number. */
export const shapeOf = (x: Operand): readonly number[] => {
  if (typeof x === 'number') return []
  if (x instanceof Expr) return x.shape ?? (x.isScalar ? [] : [x.size])
  return 'shape' in x ? x.shape : [x.length]
}
