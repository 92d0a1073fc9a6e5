import { Expr, type Operand } from './expr.js'

/**
 * The lengths of the axes of a leaf or an expression: `[n]` for a bare vector, `[]` for a number, lazy or not.
 *
 * @example
 * shapeOf(ndarray([1, 2, 3, 4, 5, 6], [2, 3])) // => [2, 3]
 * shapeOf(new Float32Array(5)) // => [5]
 * shapeOf(0.5) // => []
 * shapeOf(sum(new Float32Array(5))) // => []
 */
export const shapeOf = (x: Operand): readonly number[] => {
  if (typeof x === 'number') return []
  if (x instanceof Expr) return x.shape ?? (x.isScalar ? [] : [x.size])
  return 'shape' in x ? x.shape : [x.length]
}
