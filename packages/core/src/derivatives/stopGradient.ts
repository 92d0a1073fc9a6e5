import { Expr, type Operand } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import { liftTree } from '../transformation/edge.js'
import type { Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { constantOf } from './recording.js'

/**
 * The same values as constants: what is computed from them has no derivative by what they were computed from. For a leaf or a
 * whole tree; what comes out is lazy, so that params which nothing is to be differentiated by enter a graph this way.
 *
 * @example
 * const loss = (x: Operand) => dot(x, stopGradient(x))
 * grad(loss)(new Float32Array([1, 2])) // => Float32Array [1, 2]
 *
 * @throws InvalidTree for what is no tree of arrays.
 * @see grad
 */
export function stopGradient(x: Operand): Value
export function stopGradient(x: Tree): Tree<Value>
export function stopGradient(x: Tree): Tree<Value> {
  return map((leaf: Value): Value => (leaf instanceof Expr ? constantOf(leaf) : leaf), liftTree('stopGradient', 'x', x))
}
