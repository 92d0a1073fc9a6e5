import { type Data, type DType, dtypeOf, Kind, kindOf, promote, widened } from '../array/dtype.js'
import { sizeOf } from '../array/ndarray.js'
import { check, oneOf, optional, withDefaults } from '../check.js'
import { InvalidOption, InvalidTree, show } from '../errors.js'
import { Expr, type Operand, shapeOf } from '../expression/expr.js'
import { isScalar } from '../expression/operations/value.js'
import {
  cast as castArray,
  castLike as castArrayLike,
  fullLike as fullArrayLike,
  lift,
  opaque,
  type Value,
  zerosLike as zerosArrayLike
} from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { gathered, mapped, placed } from './placed.js'

/**
 * A tree of zeros with the structure, shapes and dtypes of another, or with the dtype given.
 *
 * @example
 * force(tree.zerosLike({ w: new Float32Array(2), b: 3 })) // => { w: Float32Array [0, 0], b: 0 }
 *
 * @throws InvalidOption for a dtype that there is not; InvalidTree for what is no tree of arrays.
 */
export const zerosLike = (like: Tree, dtype?: DType): Tree =>
  mapped('zerosLike', ['tree'], [like], (x) => zerosArrayLike(x as Operand, dtype))

const filled = (owner: string, like: Tree, value: Value, dtype: DType | undefined): Tree =>
  mapped(owner, ['tree'], [like], (x) => fullArrayLike(x as Operand, value, dtype))

/**
 * A tree that is one value everywhere, with the structure, shapes and dtypes of another.
 *
 * @example
 * force(tree.fullLike({ w: new Float32Array(2), b: 3 }, 0.5)) // => { w: Float32Array [0.5, 0.5], b: 0.5 }
 *
 * @throws InvalidOption when the value is an array, and for a dtype that there is not; InvalidTree for what is no tree of
 * arrays.
 */
export const fullLike = (like: Tree, value: Value, dtype?: DType): Tree => filled('fullLike', like, value, dtype)

/**
 * A tree of ones with the structure, shapes and dtypes of another.
 *
 * @example
 * force(tree.onesLike([0, new Float32Array(2)])) // => [1, Float32Array [1, 1]]
 *
 * @throws InvalidOption for a dtype that there is not; InvalidTree for what is no tree of arrays.
 */
export const onesLike = (like: Tree, dtype?: DType): Tree => filled('onesLike', like, 1, dtype)

/**
 * The elements rounded to a dtype; number leaves stay what they are, and so does everything where the dtype is `undefined`.
 *
 * @example
 * force(tree.cast({ w: new Float32Array([1.5]) }, 'float64')) // => { w: Float64Array [1.5] }
 *
 * @throws InvalidOption for a dtype that there is not; InvalidTree for what is no tree of arrays.
 */
export const cast = (values: Tree, dtype: DType | undefined): Tree =>
  mapped('cast', ['tree'], [values], (x) => (dtype === undefined ? lift(x as Operand) : castArray(x as Operand, dtype)))

/**
 * The elements in the dtypes in which they are computed with: float32 where an array is 16-bit, what they are elsewhere. What
 * a transformation adds up or averages is to be kept in these: in 16 bits a sum of ones ends at 256, and what moves by less
 * than a hundredth of itself does not move.
 *
 * @example
 * const params = { w: ndarray([1, 2], [2], 'bfloat16'), v: new Float64Array(1) }
 * force(tree.zerosLike(tree.widen(params)))
 * // => { w: { dtype: 'float32', shape: [2], data: Float32Array [0, 0] }, v: Float64Array [0] }
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const widen = (values: Tree): Tree =>
  mapped('widen', ['tree'], [values], (leaf) => {
    const x = lift(leaf as Operand)
    return x instanceof Expr ? castArray(x, dtypeOf(widened(x.kind))) : x
  })

/**
 * The elements rounded to the dtypes of another tree.
 *
 * @example
 * force(tree.castLike({ w: new Float64Array([0.1]) }, { w: new Float32Array(1) })) // => { w: Float32Array [0.10000000149011612] }
 *
 * @throws InvalidTree with the path, where the structures differ.
 */
export const castLike = (values: Tree, like: Tree): Tree =>
  placed(
    'castLike',
    ['tree', 'like'],
    [values, like],
    () => map((x: Operand, y: Operand): Operand => castArrayLike(x, y), values, like),
    false
  )

/** Options of {@link dtype}. */
export interface DtypeOptions {
  /**
   * What to do when there are several: `'promote'` gives the dtype in which they would be added, `'highest'` the one that
   * all can be promoted to, `'lowest'` the one that can be promoted to all; without it several are refused.
   */
  readonly mixedDtypeHandler?: 'promote' | 'highest' | 'lowest' | undefined
}

/**
 * The dtype of the arrays of a tree. Numbers, which take the dtype of what they meet, do not count; where there is nothing
 * else it is `'float64'` for numbers, and `'float32'`, that of new arrays, for an empty tree.
 *
 * @example
 * tree.dtype({ w: new Float32Array(2), b: 3 }) // => 'float32'
 * tree.dtype({ w: new Float32Array(2), v: new Float64Array(2) }, { mixedDtypeHandler: 'lowest' }) // => 'float32'
 *
 * @throws InvalidTree for different dtypes without a handler, and for bfloat16 beside float16 when the highest or lowest is
 * asked for: neither can be promoted to the other.
 */
export const dtype = (values: Tree, options: DtypeOptions = {}): DType => {
  const { mixedDtypeHandler } = withDefaults<DtypeOptions>('dtype', options, { mixedDtypeHandler: undefined })
  check('dtype', { mixedDtypeHandler }, optional(oneOf('promote', 'highest', 'lowest')))
  const found = new Set<DType>()
  let hasNumbers = false
  gathered('dtype', ['tree'], [values], (leaf) => {
    const x = lift(leaf as Operand)
    if (typeof x === 'number' || x.kind === Kind.Scalar) hasNumbers = true
    else found.add(x.dtype)
    return 0
  })
  const several = [...found]
  const [first] = several
  if (first === undefined) return hasNumbers ? 'float64' : 'float32'
  if (several.length === 1) return first
  if (mixedDtypeHandler === undefined) throw new InvalidTree(`dtype: the tree has arrays of ${several.join(' and ')}`)
  if (mixedDtypeHandler === 'promote') return several.reduce(promoted)
  if (found.has('bfloat16') && found.has('float16')) {
    throw new InvalidTree('dtype: neither of bfloat16 and float16 can be promoted to the other')
  }
  const ranked = several.sort((a, b) => RANK[a] - RANK[b])
  return ranked[mixedDtypeHandler === 'lowest' ? 0 : ranked.length - 1] as DType
}

const RANK: Readonly<Record<DType, number>> = { bfloat16: 0, float16: 0, float32: 1, float64: 2 }

const promoted = (a: DType, b: DType): DType => dtypeOf(promote(kindOf(a), kindOf(b)))

/**
 * The tree repeated along new leading axes: one copy for each member of a batch.
 *
 * @example
 * force(tree.batchShape({ w: new Float32Array([1, 2]), b: 3 }, [2]))
 * // => { w: { dtype: 'float32', shape: [2, 2], data: Float32Array [1, 2, 1, 2] }, b: { dtype: 'float64', shape: [2], data: Float64Array [3, 3] } }
 *
 * @throws InvalidOption when the shape is no list of whole numbers; InvalidTree for what is no tree of arrays.
 */
export const batchShape = (values: Tree, shape: readonly number[] = []): Tree => {
  if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new InvalidOption(`batchShape: shape must be an array of whole numbers ≥ 0, got ${show(shape)}`)
  }
  const count = sizeOf(shape)
  return mapped('batchShape', ['tree'], [values], (leaf) => {
    const x = lift(leaf as Operand)
    if (shape.length === 0) return x
    if (!(x instanceof Expr) || isScalar(x)) {
      return fullArrayLike({ dtype: 'float64', shape: [...shape], data: new Float64Array(count) }, x)
    }
    return opaque(({ data }) => repeated(data, count), [x], { dtype: x.dtype, shape: [...shape, ...shapeOf(x)] })
  })
}

const repeated = (data: Data, count: number): Data => {
  const out = new (data.constructor as new (length: number) => Data)(data.length * count)
  for (let i = 0; i < count; i++) out.set(data, i * data.length)
  return out
}
