import { type DType, Kind, kindOf, promote, widened } from '../array/dtype.js'
import { checkNdArray, isNdArray, type NdArray, sizeOf } from '../array/ndarray.js'
import { InvalidOption, InvalidTree, show } from '../errors.js'
import { compute } from './compute.js'
import { type AxisReduction, Expr, leafOf, type OpaqueFunction, type Operand, shapeOf } from './expr.js'
import { nameOf, Op } from './op.js'
import { make } from './tape.js'

/** What an operation gives: a lazy expression, or at once a number when all its operands are numbers. */
export type Value = Expr | number

/** The node, or the number, of an operand. */
export const lift = (x: Operand): Value => {
  if (typeof x === 'number' || x instanceof Expr) return x
  if (x instanceof Float32Array) return leafOf(Kind.F32, null, x)
  if (x instanceof Float64Array) return leafOf(Kind.F64, null, x)
  if (typeof x === 'object' && x !== null && isNdArray(x)) {
    checkNdArray(x, 'the array')
    return leafOf(kindOf(x.dtype), x.shape, x.data)
  }
  throw new InvalidOption(`an operand must be a number, a Float32Array, a Float64Array, an NdArray or an expression, got ${show(x)}`)
}

/** Whether two array nodes have the same shape; a bare vector has the shape of its length. */
export const sameShape = (a: Expr, b: Expr): boolean => {
  if (a.shape === b.shape) return a.size === b.size
  const p = shapeOf(a)
  const q = shapeOf(b)
  return p.length === q.length && p.every((length, axis) => length === q[axis])
}

const unary = (op: number, x: Operand): Value => {
  const a = lift(x)
  return typeof a === 'number' ? compute(op, a, 0, 0) : make(op, widened(a.kind), a.shape, a.size, a, null, null)
}

const binary = (op: number, x: Operand, y: Operand): Value => {
  const a = lift(x)
  const b = lift(y)
  if (typeof b === 'number') {
    return typeof a === 'number' ? compute(op, a, b, 0) : make(op, widened(a.kind), a.shape, a.size, a, b, null)
  }
  if (typeof a === 'number' || a.kind === Kind.Scalar) return make(op, widened(b.kind), b.shape, b.size, a, b, null)
  if (b.kind === Kind.Scalar) return make(op, widened(a.kind), a.shape, a.size, a, b, null)
  return make(op, promote(a.kind, b.kind), shared(op, a, b), a.size, a, b, null)
}

/** The shape two arrays have in common. */
const shared = (op: number, a: Expr, b: Expr): readonly number[] | null => {
  if (!sameShape(a, b)) {
    throw new InvalidTree(`${nameOf(op)}: the operands have shapes ${show(shapeOf(a))} and ${show(shapeOf(b))}; nothing is broadcast unasked, use broadcast`)
  }
  return a.shape ?? b.shape
}

/** a + b, elementwise. */
export const add = (a: Operand, b: Operand): Value => binary(Op.Add, a, b)
/** a − b, elementwise. */
export const sub = (a: Operand, b: Operand): Value => binary(Op.Sub, a, b)
/** a × b, elementwise. */
export const mul = (a: Operand, b: Operand): Value => binary(Op.Mul, a, b)
/** a ÷ b, elementwise. */
export const div = (a: Operand, b: Operand): Value => binary(Op.Div, a, b)
/** The smaller of a and b, elementwise; NaN when either is, and −0 is below +0. */
export const min = (a: Operand, b: Operand): Value => binary(Op.Min, a, b)
/** The larger of a and b, elementwise; NaN when either is, and −0 is below +0. */
export const max = (a: Operand, b: Operand): Value => binary(Op.Max, a, b)
/** 1 where a < b, else 0. */
export const less = (a: Operand, b: Operand): Value => binary(Op.Less, a, b)
/** 1 where a ≤ b, else 0. */
export const lessEqual = (a: Operand, b: Operand): Value => binary(Op.LessEqual, a, b)
/** 1 where a > b, else 0. */
export const greater = (a: Operand, b: Operand): Value => binary(Op.Less, b, a)
/** 1 where a ≥ b, else 0. */
export const greaterEqual = (a: Operand, b: Operand): Value => binary(Op.LessEqual, b, a)
/** 1 where a = b, else 0; NaN equals nothing, −0 equals +0. */
export const equal = (a: Operand, b: Operand): Value => binary(Op.Equal, a, b)
/** 1 where a ≠ b, else 0. */
export const notEqual = (a: Operand, b: Operand): Value => sub(1, equal(a, b))

/** −x, elementwise. */
export const neg = (x: Operand): Value => unary(Op.Neg, x)
/** |x|, elementwise. */
export const abs = (x: Operand): Value => unary(Op.Abs, x)
/** √x, elementwise. */
export const sqrt = (x: Operand): Value => unary(Op.Sqrt, x)
/** 1 ÷ √x, elementwise, each of the two operations rounded. */
export const rsqrt = (x: Operand): Value => div(1, sqrt(x))
/** x × x, elementwise. */
export const square = (x: Operand): Value => mul(x, x)
/** The largest whole number ≤ x, elementwise. */
export const floor = (x: Operand): Value => unary(Op.Floor, x)
/** eˣ, elementwise; computed in float64 and rounded, as are all the functions below. */
export const exp = (x: Operand): Value => unary(Op.Exp, x)
/** The natural logarithm, elementwise. */
export const log = (x: Operand): Value => unary(Op.Log, x)
/** log(1 + x) without the loss near 0, elementwise. */
export const log1p = (x: Operand): Value => unary(Op.Log1p, x)
/** The hyperbolic tangent, elementwise. */
export const tanh = (x: Operand): Value => unary(Op.Tanh, x)
/** The sine, elementwise. */
export const sin = (x: Operand): Value => unary(Op.Sin, x)
/** The cosine, elementwise. */
export const cos = (x: Operand): Value => unary(Op.Cos, x)
/** The error function, elementwise. */
export const erf = (x: Operand): Value => unary(Op.Erf, x)

/** −1, 0 or 1, elementwise; ±0 and NaN stay what they are. */
export const sign = (x: Operand): Value => {
  const a = lift(x)
  return where(less(0, a), 1, where(less(a, 0), -1, a))
}

/** 1 where x is neither NaN nor infinite, else 0. */
export const isFinite = (x: Operand): Value => less(abs(x), Infinity)

// Beyond this, repeated multiplication is no longer closer than the power function.
const LARGEST_PRODUCT = 64

/**
 * xⁿ, elementwise. A whole n with |n| ≤ 64 is a product by repeated squaring (its reciprocal when n < 0); any other n is
 * the float64 power function, rounded.
 */
export const pow = (x: Operand, n: number): Value => {
  if (typeof n !== 'number') throw new InvalidOption(`pow: n must be a number, got ${show(n)}`)
  const base = lift(x)
  if (!Number.isInteger(n) || Math.abs(n) > LARGEST_PRODUCT) return binary(Op.Pow, base, n)
  if (n === 0) return typeof base === 'number' ? 1 : fullLike(base, 1)
  return n < 0 ? div(1, product(base, -n)) : product(base, n)
}

const product = (x: Value, n: number): Value => {
  if (n === 1) return x
  const half = product(x, n >> 1)
  const even = mul(half, half)
  return n % 2 === 0 ? even : mul(even, x)
}

/** x where the condition is not 0, else y; elementwise. */
export const where = (condition: Operand | boolean, x: Operand, y: Operand): Value => {
  const c = typeof condition === 'boolean' ? Number(condition) : lift(condition)
  const a = lift(x)
  const b = lift(y)
  const arrays = [c, a, b].filter((v): v is Expr => v instanceof Expr && v.kind !== Kind.Scalar)
  const first = arrays[0]
  if (first === undefined) {
    if (typeof c === 'number' && typeof a === 'number' && typeof b === 'number') return compute(Op.Where, c, a, b)
    return make(Op.Where, Kind.Scalar, null, 1, c, a, b)
  }
  let shape = first.shape
  for (const array of arrays) shape = shared(Op.Where, first, array) ?? shape
  const kindAb = promote(kindOfValue(a), kindOfValue(b))
  const kind = kindAb === Kind.Scalar ? widened(kindOfValue(c)) : kindAb
  return make(Op.Where, kind, shape, first.size, truth(c, kind), a, b)
}

const kindOfValue = (x: Value): Kind => (typeof x === 'number' ? Kind.Scalar : x.kind)

// A condition of another dtype is first made 1 or 0: a cast could round it to 0.
const truth = (c: Value, kind: Kind): Value => {
  if (typeof c === 'number' || c.kind === kind || c.kind === Kind.Scalar) return c
  const isZeroOrOne = c.op >= Op.Less && c.op <= Op.Equal
  return castKind(isZeroOrOne ? c : notEqual(c, 0), kind)
}

const castKind = (x: Value, kind: Kind): Value =>
  typeof x === 'number' || x.kind === kind || x.kind === Kind.Scalar ? x : make(Op.Cast, kind, x.shape, x.size, x, null, null)

/** The same elements rounded to a dtype. Numbers and scalars are float64 and stay so. */
export const cast = (x: Operand, dtype: DType): Value => castKind(lift(x), kindOf(dtype))

/** x in the dtype of `like`. */
export const castLike = (x: Operand, like: Operand): Value => {
  const reference = lift(like)
  return typeof reference === 'number' || reference.kind === Kind.Scalar ? lift(x) : castKind(lift(x), reference.kind)
}

/** An array shaped as `like`, each element the given value; the value itself when `like` is a number. */
export const fullLike = (like: Operand, value: Value, dtype?: DType): Value => {
  const reference = lift(like)
  if (typeof reference === 'number' || reference.kind === Kind.Scalar) return value
  const kind = dtype === undefined ? reference.kind : kindOf(dtype)
  return make(Op.Fill, kind, reference.shape, reference.size, value, null, null)
}

/** An array of zeros shaped as `like`; 0 when `like` is a number. */
export const zerosLike = (like: Operand, dtype?: DType): Value => fullLike(like, 0, dtype)

const reduction = (op: number, x: Value): Value => make(op, Kind.Scalar, null, 1, x, null, null)

const isScalar = (x: Value): boolean => typeof x === 'number' || x.kind === Kind.Scalar

/** The sum of all elements, in float64; along some axes, which stay with length 1. */
export const sum = (x: Operand, axes?: readonly number[]): Value => reduceBy(Op.Sum, x, axes)
/** The largest element; along some axes, which stay with length 1. */
export const maxOf = (x: Operand, axes?: readonly number[]): Value => reduceBy(Op.MaxOf, x, axes)
/** The smallest element; along some axes, which stay with length 1. */
export const minOf = (x: Operand, axes?: readonly number[]): Value => reduceBy(Op.MinOf, x, axes)

const reduceBy = (op: AxisReduction['op'], x: Operand, axes: readonly number[] | undefined): Value => {
  const a = lift(x)
  if (isScalar(a) || typeof a === 'number') return a
  return axes === undefined ? reduction(op, a) : reduceAxes(op, a, axes)
}

const reduceAxes = (op: AxisReduction['op'], x: Expr, axes: readonly number[]): Expr => {
  const shape = shapeOf(x)
  for (const axis of axes) {
    if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
      throw new InvalidOption(`${nameOf(op)}: axes must be whole numbers from 0 to ${shape.length - 1} for shape ${show(shape)}, got ${show(axes)}`)
    }
  }
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
  const node = make(Op.Reduce, widened(x.kind), kept, sizeOf(kept), x, null, null)
  node.detail = { op, axes: [...axes] }
  return node
}

/** The sum of all squares; the products are float64. */
export const sumSquares = (x: Operand): Value => {
  const a = lift(x)
  return isScalar(a) ? mul(a, a) : reduction(Op.SumSquares, a)
}

/** The sum of all products aᵢ bᵢ; the products are float64. */
export const dot = (a: Operand, b: Operand): Value => {
  const x = lift(a)
  const y = lift(b)
  if (isScalar(x) && isScalar(y)) return mul(x, y)
  if (typeof x === 'number' || typeof y === 'number' || isScalar(x) || isScalar(y)) {
    throw new InvalidTree('dot: both operands must be arrays, or both numbers')
  }
  shared(Op.Dot, x, y)
  return make(Op.Dot, Kind.Scalar, null, 1, x, y, null)
}

/** The mean of all elements; along some axes, which stay with length 1. */
export const mean = (x: Operand, axes?: readonly number[]): Value => {
  const a = lift(x)
  if (typeof a === 'number' || isScalar(a)) return a
  const total = sum(a, axes)
  return div(total, axes === undefined ? a.size : a.size / (total as Expr).size)
}

/** √Σx²: the Euclidean norm of all elements. */
export const norm = (x: Operand): Value => sqrt(sumSquares(x))

/** The elements repeated along the axes where the length is 1, up to the given shape. */
export const broadcast = (x: Operand, shape: readonly number[]): Value => {
  const a = lift(x)
  if (typeof a === 'number' || a.kind === Kind.Scalar) {
    throw new InvalidOption('broadcast: x must be an array; a number meets every shape as it is')
  }
  const from = shapeOf(a)
  if (from.length !== shape.length || from.some((length, axis) => length !== 1 && length !== shape[axis])) {
    throw new InvalidTree(`broadcast: an array of shape ${show(from)} does not stretch to ${show(shape)}`)
  }
  return make(Op.Broadcast, a.kind, [...shape], sizeOf(shape), a, null, null)
}

/**
 * An array that a function computes from materialised arrays: for what is not elementwise. The function gets its operands
 * as arrays, must leave them alone, and returns fresh elements of the dtype and shape announced.
 */
export const opaque = (f: OpaqueFunction, operands: readonly Operand[], result: { dtype: DType; shape: readonly number[] }): Expr => {
  const nodes = operands.map(lift)
  const arrays = nodes.filter((node): node is Expr => typeof node !== 'number' && node.kind !== Kind.Scalar)
  if (arrays.length < nodes.length) throw new InvalidOption('opaque: every operand must be an array')
  const shape = [...result.shape]
  const node = make(Op.Opaque, kindOf(result.dtype), shape, sizeOf(shape), null, null, null, arrays)
  node.detail = f
  return node
}

/** The array of a node whose elements are known. */
export const arrayOf = (node: Expr): NdArray => ({ dtype: node.dtype, shape: shapeOf(node), data: node.data }) as NdArray
