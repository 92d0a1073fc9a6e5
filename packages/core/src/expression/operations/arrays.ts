import { DTYPES, type DType, Kind, kindOf } from '../../array/dtype.js'
import { sizeOf } from '../../array/ndarray.js'
import { callable, check, oneOf, optional, withDefaults } from '../../check.js'
import { InvalidOption, InvalidTree, show } from '../../errors.js'
import { asked } from '../../watch.js'
import { Expr, isGroup, type OpaqueFunction, type Operand, shapeOf } from '../expr.js'
import { calling } from '../methods/calling.js'
import { permuting } from '../methods/permuting.js'
import { STRETCHING } from '../methods/stretching.js'
import { Op } from '../op.js'
import { type OpaqueVjp, withVjp } from '../opaqueVjp.js'
import { make } from '../tape.js'
import { isScalar, lift, type Value } from './value.js'

/** A name of a dtype. */
export const aDType = /* @__PURE__ */ (() => oneOf(...DTYPES))()

const kindNamed = (owner: string, dtype: DType): Kind => {
  check(owner, { dtype }, aDType)
  return kindOf(dtype)
}

const checkShape = (owner: string, shape: readonly number[]): void => {
  if (Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return
  throw new InvalidOption(`${owner}: shape must be an array of whole numbers ≥ 0, got ${show(shape)}`)
}

/** A value rounded to a kind of number; scalars stay what they are. */
export const castTo = (kind: Kind, x: Value): Value =>
  typeof x === 'number' || x.kind === kind || x.kind === Kind.Scalar
    ? x
    : make(Op.Cast, kind, x.form, x.extent, x, null, null)

/**
 * The same elements rounded to a dtype. Numbers and scalars are float64 and stay so. On the way from float64 to a 16-bit
 * dtype they are rounded to float32 first.
 *
 * @example
 * force(cast(new Float64Array([0.1]), 'float32')) // => Float32Array [0.10000000149011612]
 *
 * @throws InvalidOption for a dtype that there is not.
 */
export const cast = (x: Operand, dtype: DType): Value => castTo(kindNamed('cast', dtype), lift(x))

/**
 * x in the dtype of `like`.
 *
 * @example
 * force(castLike(new Float64Array([0.1]), new Float32Array(1))) // => Float32Array [0.10000000149011612]
 */
export const castLike = (x: Operand, like: Operand): Value => {
  const model = lift(like)
  return typeof model === 'number' || model.kind === Kind.Scalar ? lift(x) : castTo(model.kind, lift(x))
}

const filled = (owner: string, like: Operand, value: Value, dtype: DType | undefined): Value => {
  const model = lift(like)
  const kind = dtype === undefined ? null : kindNamed(owner, dtype)
  if (typeof model === 'number' || model.kind === Kind.Scalar) return value
  return make(Op.Fill, kind ?? model.kind, model.form, model.extent, value, null, null)
}

/**
 * An array shaped as `like`, each element the given number, which may be lazy; the number itself when `like` is one.
 *
 * @example
 * force(fullLike(new Float32Array(2), 0.5)) // => Float32Array [0.5, 0.5]
 *
 * @throws InvalidOption when the value is an array, and for a dtype that there is not.
 */
export const fullLike = (like: Operand, value: Value, dtype?: DType): Value => {
  const lifted = lift(value)
  if (!isScalar(lifted)) throw new InvalidOption('fullLike: value must be a number or a lazy scalar, got an array')
  return filled('fullLike', like, lifted, dtype)
}

/**
 * An array of zeros shaped as `like`; 0 when `like` is a number.
 *
 * @example
 * force(zerosLike(new Float32Array([1, 2]))) // => Float32Array [0, 0]
 *
 * @throws InvalidOption for a dtype that there is not.
 */
export const zerosLike = (like: Operand, dtype?: DType): Value => filled('zerosLike', like, 0, dtype)

/**
 * The elements repeated along the axes where the length is 1, up to the given shape.
 *
 * @example
 * const column = ndarray([1, 2], [2, 1])
 * force(broadcast(column, [2, 3])) // => { dtype: 'float32', shape: [2, 3], data: Float32Array [1, 1, 1, 2, 2, 2] }
 *
 * @throws InvalidOption for a number, InvalidTree for a shape that the array does not stretch to.
 */
export const broadcast = (x: Operand, shape: readonly number[]): Value => {
  const a = lift(x)
  if (!(a instanceof Expr) || isScalar(a)) {
    throw new InvalidOption('broadcast: x must be an array; a number meets every shape as it is')
  }
  checkShape('broadcast', shape)
  const from = shapeOf(a)
  if (from.length !== shape.length || from.some((length, axis) => length !== 1 && length !== shape[axis])) {
    throw new InvalidTree(`broadcast: an array of shape ${show(from)} does not stretch to ${show(shape)}`)
  }
  const node = make(Op.Broadcast, a.kind, [...shape], sizeOf(shape), a, null, null)
  node.detail = STRETCHING
  return node
}

/**
 * The same elements in the same order, in another shape of as many elements; `null` for a bare vector.
 *
 * @example
 * force(reshape(new Float32Array([1, 2, 3, 4]), [2, 2]))
 * // => { dtype: 'float32', shape: [2, 2], data: Float32Array [1, 2, 3, 4] }
 * force(reshape(ndarray([1, 2], [2, 1]), null)) // => Float32Array [1, 2]
 *
 * @throws InvalidOption for a number, InvalidTree for a shape of another number of elements, or of none for 16-bit elements.
 */
export const reshape = (x: Operand, shape: readonly number[] | null): Expr => {
  const a = lift(x)
  if (!(a instanceof Expr) || isScalar(a)) throw new InvalidOption('reshape: x must be an array, got a number')
  if (shape === null) {
    if (a.kind === Kind.BF16 || a.kind === Kind.F16) {
      throw new InvalidTree(`reshape: a bare vector is float32 or float64, got an array of ${a.dtype}`)
    }
    return make(Op.Reshape, a.kind, null, a.size, a, null, null)
  }
  checkShape('reshape', shape)
  if (sizeOf(shape) !== a.size) {
    throw new InvalidTree(
      `reshape: an array of shape ${show(shapeOf(a))} has ${a.size} elements, ${show(shape)} asks for ${sizeOf(shape)}`
    )
  }
  return make(Op.Reshape, a.kind, [...shape], a.size, a, null, null)
}

/**
 * The elements with their axes in another order: axis i of the result is axis `order[i]` of x. Without an order the last two
 * axes change places, which is the transpose of a matrix, or of each matrix of a batch.
 *
 * Laws: transposed twice, an array is what it was.
 *
 * @example
 * const matrix = ndarray([1, 2, 3, 4, 5, 6], [2, 3])
 * force(transpose(matrix)) // => { dtype: 'float32', shape: [3, 2], data: Float32Array [1, 4, 2, 5, 3, 6] }
 *
 * @throws InvalidTree for what is no matrix, InvalidOption for an order that does not name every axis once.
 */
export const transpose = (x: Operand, order?: readonly number[]): Expr => {
  const a = lift(x)
  if (!(a instanceof Expr) || isScalar(a)) throw new InvalidTree('transpose: x must be an array, got a number')
  const shape = shapeOf(a)
  const rank = shape.length
  if (order === undefined && rank < 2) {
    throw new InvalidTree(`transpose: x must have two axes or more, got shape ${show(shape)}`)
  }
  const axes = order ?? shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis))
  if (!Array.isArray(axes) || axes.length !== rank || shape.some((_, axis) => !axes.includes(axis))) {
    throw new InvalidOption(`transpose: order must name each of the ${rank} axes once, got ${show(axes)}`)
  }
  const permuted = axes.map((axis) => shape[axis] as number)
  const node = make(Op.Permute, a.kind, permuted, a.size, a, null, null)
  node.detail = { method: permuting, order: [...axes] }
  return node
}

/** What an opaque function gives: a dtype and a shape, or those of another array. */
export type OpaqueResult = { readonly dtype: DType; readonly shape: readonly number[] } | { readonly like: Operand }

/** Options of {@link opaque}. */
export interface OpaqueOptions {
  /**
   * The derivative, as expressions: out of the cotangent of the result, the operands and the result, a cotangent for each
   * operand, shaped like it, or `null` for one that the result does not depend on smoothly.
   */
  readonly vjp?: OpaqueVjp | undefined
}

/**
 * An array that a function computes from materialised arrays: for what is not elementwise. The function gets its operands
 * as arrays, must leave them alone, and returns fresh elements of the dtype and shape announced; `{ like: x }` announces
 * those of another array, and a bare vector where that is one.
 *
 * It has a derivative where it is given one, `vjp`; without, {@link grad} refuses it by the name of the function.
 *
 * @example
 * const x = new Float32Array([1, 2, 3])
 * const reversed = opaque(({ data }) => data.slice().reverse(), [x], { like: x })
 * force(mul(reversed, 2)) // => Float32Array [6, 4, 2]
 * force(opaque(({ data }) => data.slice(0, 2), [x], { dtype: 'float32', shape: [2, 1] }))
 * // => { dtype: 'float32', shape: [2, 1], data: Float32Array [1, 2] }
 *
 * const reverse = (v: Operand): Expr =>
 *   opaque(({ data }) => data.slice().reverse(), [v], { like: v }, { vjp: (dy) => [reverse(dy)] })
 * grad((v: Operand) => dot(reverse(v), new Float32Array([1, 10, 100])))(x) // => Float32Array [100, 10, 1]
 *
 * @throws InvalidOption for an operand that is no array, and, when it is evaluated, for a result of another size or dtype.
 */
export const opaque = (
  f: OpaqueFunction,
  operands: readonly Operand[],
  result: OpaqueResult,
  options: OpaqueOptions = {}
): Expr => {
  const { vjp } = withDefaults<OpaqueOptions>('opaque', options, { vjp: undefined })
  check('opaque', { vjp }, optional(callable))
  if (typeof f !== 'function') throw new InvalidOption(`opaque: f must be a function, got ${show(f)}`)
  const nodes = operands.map(lift)
  const arrays = nodes.filter((node): node is Expr => !isScalar(node))
  if (arrays.length < nodes.length) throw new InvalidOption('opaque: every operand must be an array')
  if (arrays.some(isGroup)) asked()
  const { kind, shape, size } = formOf(result)
  const node = make(Op.Opaque, kind, shape, size, null, null, null, arrays)
  node.detail = { method: calling, f: vjp === undefined ? f : withVjp(f, vjp) }
  return node
}

const formOf = (
  result: OpaqueResult
): { readonly kind: Kind; readonly shape: readonly number[] | null; readonly size: number } => {
  if ('like' in result) {
    const like = lift(result.like)
    if (typeof like === 'number' || like.kind === Kind.Scalar) throw new InvalidOption('opaque: like must be an array')
    return like
  }
  checkShape('opaque', result.shape)
  const shape = [...result.shape]
  return { kind: kindNamed('opaque', result.dtype), shape, size: sizeOf(shape) }
}
