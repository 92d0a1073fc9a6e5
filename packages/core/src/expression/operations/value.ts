// What all operations stand on: operands are lifted to nodes, a node is made out of nodes.
import { deferred } from '../../array/deferred.js'
import { isDetached } from '../../array/detached.js'
import { Kind, kindOf, promote, widened } from '../../array/dtype.js'
import { bitsOf } from '../../array/float16.js'
import { checkNdArray, dataOf, isNdArray, type NdArray } from '../../array/ndarray.js'
import { ofThisRealm } from '../../array/realm.js'
import { InvalidOption, InvalidTree, show } from '../../errors.js'
import { compute } from '../compute.js'
import { Expr, type Operand, shapeOf } from '../expr.js'
import { make, makeLeaf } from '../tape.js'

/** What an operation gives: a lazy expression, or at once a number when all its operands are numbers. */
export type Value = Expr | number

/** The node, or the number, of an operand; a malformed array is refused by its place. */
export const lift = (x: Operand): Value => {
  const value = liftAny(x, () => 'the array')
  if (value !== undefined) return value
  throw new InvalidOption(
    `an operand must be a number, a Float32Array, a Float64Array, an NdArray or an expression, got ${show(x)}`
  )
}

/** {@link lift} for anything; `undefined` for what is no operand. */
export const liftAny = (x: unknown, placeOf: () => string): Value | undefined => {
  if (typeof x === 'number' || x instanceof Expr) return x
  const origin = deferred(x)
  if (origin instanceof Expr) return origin
  if (x instanceof Float32Array) return makeLeaf(Kind.F32, null, x)
  if (x instanceof Float64Array) return makeLeaf(Kind.F64, null, x)
  if (typeof x !== 'object' || x === null) return undefined
  if (isNdArray(x)) {
    checkNdArray(x, placeOf)
    return makeLeaf(kindOf(x.dtype), x.shape, dataOf(x))
  }
  const bits = bitsOf(x)
  if (bits !== undefined && !isDetached(bits)) return makeLeaf(Kind.F16, null, bits)
  const own = ofThisRealm(x)
  return own instanceof Uint16Array ? undefined : liftAny(own, placeOf)
}

/** The array of a node whose elements are known. */
export const arrayOf = (node: Expr): NdArray =>
  ({ dtype: node.dtype, shape: shapeOf(node), data: node.data }) as NdArray

/** Whether a value is one number, known or not. */
export const isScalar = (x: Value): boolean => typeof x === 'number' || x.isScalar

/** The kind of number a value is made of. */
export const kindOfValue = (x: Value): Kind => (typeof x === 'number' ? Kind.Scalar : x.kind)

/** Whether two array nodes have the same shape; a bare vector has the shape of its length. */
export const sameShape = (a: Expr, b: Expr): boolean => {
  if (a.form === b.form) return a.extent === b.extent
  const p = shapeOf(a)
  const q = shapeOf(b)
  return p.length === q.length && p.every((length, axis) => length === q[axis])
}

/**
 * The shape two arrays have in common; a bare vector wins. A state of 16 bits has no bare form, and what is computed from it
 * and a bare gradient is as bare as what `init` made for bare params.
 */
export const shared = (owner: string, a: Expr, b: Expr): readonly number[] | null => {
  if (!sameShape(a, b)) {
    const shapes = `${show(shapeOf(a))} and ${show(shapeOf(b))}`
    throw new InvalidTree(`${owner}: the operands have shapes ${shapes}; nothing is broadcast unasked, use broadcast`)
  }
  return a.form === null || b.form === null ? null : a.form
}

/** An elementwise operation on one operand. */
export const unary = (op: number, x: Operand): Value => {
  const a = lift(x)
  return typeof a === 'number' ? compute(op, a, 0, 0) : make(op, widened(a.kind), a.form, a.extent, a, null, null)
}

/** An elementwise operation on two operands. */
export const binary = (owner: string, op: number, x: Operand, y: Operand): Value => {
  const a = lift(x)
  const b = lift(y)
  if (typeof b === 'number') {
    return typeof a === 'number' ? compute(op, a, b, 0) : make(op, widened(a.kind), a.form, a.extent, a, b, null)
  }
  if (typeof a === 'number' || a.kind === Kind.Scalar) return make(op, widened(b.kind), b.form, b.extent, a, b, null)
  if (b.kind === Kind.Scalar) return make(op, widened(a.kind), a.form, a.extent, a, b, null)
  return make(op, promote(a.kind, b.kind), shared(owner, a, b), a.extent, a, b, null)
}
