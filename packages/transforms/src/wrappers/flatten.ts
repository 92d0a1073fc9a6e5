import {
  type AnyGradientTransformation,
  cast,
  type DType,
  definitionOf,
  Expr,
  type ExtraOf,
  fullLike,
  type GradientTransformation,
  InvalidTree,
  maxOf,
  type NdArray,
  type OpaqueFunction,
  type Operand,
  opaque,
  reshape,
  type StateOf,
  show,
  type Tree,
  transformation,
  type Value
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { leafShape } from '../internal/leafShape.js'

/**
 * Lets the inner transformation see all leaves as one vector: those of the params, of the updates and of its state, one after
 * the other in the order of the params. What is done per leaf, a norm of each block or a projection, is then done to all.
 *
 *     [u₁, u₂, …] = inner(concat(g₁, g₂, …))
 *
 * Leaves of different dtypes make no vector; numbers are float64. Arrays are copied into the vector and out of it, so an
 * elementwise transformation is faster without.
 *
 * Laws: around an elementwise transformation, that transformation, to the bit; idempotent.
 *
 * Unlike Optax: mixed dtypes are refused instead of widened, and an empty tree is an empty vector.
 *
 * @example
 * const params = { a: new Float32Array(2), b: new Float32Array(1) }
 * const grads = { a: new Float32Array([3, 0]), b: new Float32Array([4]) }
 * const perLeaf = clipByBlockRms(1)
 * perLeaf.update(grads, perLeaf.init(params), params)[0] // => { a: Float32Array [1.414…, 0], b: Float32Array [1] }
 * const together = flatten(clipByBlockRms(2))
 * together.update(grads, together.init(params), params)[0] // => { a: Float32Array [2.078…, 0], b: Float32Array [2.771…] }
 *
 * @throws InvalidTree at init and update, for params of different dtypes, with a path of each.
 * @see clipByGlobalNorm, normalizeByUpdateNorm, which measure all leaves together as they are.
 */
export const flatten = <T extends AnyGradientTransformation>(
  inner: T
): GradientTransformation<StateOf<T>, ExtraOf<T>> => {
  const { init, update } = definitionOf('flatten', inner)

  return transformation<StateOf<T>, ExtraOf<T>>({
    origin: ['flatten', inner],
    init: (params) => init(joined(params, dtypeOf(params))),
    update: (updates, state, params, extra) => {
      const dtype = dtypeOf(params)
      const [flat, next] = update(joined(updates, dtype), state, joined(params, dtype), extra)
      return [split(flat, updates), next]
    }
  })
}

const isScalar = (x: Operand): boolean => leafShape(x) === null

const dtypeOfLeaf = (x: Operand): DType => (x instanceof Expr ? x.dtype : 'float64')

/** The dtype that all leaves have; that of an empty tree does not matter. */
const dtypeOf = (params: Tree): DType => {
  const dtypes = tree.leaves(params).map(dtypeOfLeaf)
  const odd = dtypes.findIndex((dtype) => dtype !== dtypes[0])
  if (odd > 0) {
    const [first, other] = [tree.paths(params)[0], tree.paths(params)[odd]]
    throw new InvalidTree(
      `flatten: all params must have the same dtype: params${first} is ${dtypes[0]}, params${other} is ${dtypes[odd]}`
    )
  }
  return dtypes[0] ?? 'float32'
}

const ARRAYS = { float32: Float32Array, float64: Float64Array, bfloat16: Uint16Array, float16: Uint16Array } as const

/** All elements in one vector of the dtype of the params, or of the one that these are computed with. */
const joined = (values: Tree, dtype: DType): Expr => {
  const leaves = tree.leaves(values)
  const size = leaves.reduce<number>((total, leaf) => total + tree.size(leaf), 0)
  // What is pending may be wider than the 16-bit params that it is for.
  const wide = leaves.every((leaf) => dtypeOfLeaf(leaf) === dtype) ? dtype : dtype === 'float64' ? dtype : 'float32'
  const parts = leaves.map((leaf) => (isScalar(leaf) ? fullLike(new Float64Array(1), leaf as Value) : cast(leaf, wide)))
  const concatenate = (...arrays: readonly NdArray[]): NdArray['data'] => {
    const all = new ARRAYS[wide](size)
    let at = 0
    for (const { data } of arrays) {
      all.set(data, at)
      at += data.length
    }
    return all
  }
  return opaque(concatenate, parts, { dtype: wide, shape: [size] })
}

/** The elements of a vector, each in its place in a tree. */
const split = (flat: Tree, like: Tree): Tree => {
  const size = tree.size(like)
  if (!(flat instanceof Expr) || isScalar(flat) || flat.size !== size) {
    const what = flat instanceof Expr ? `one of ${flat.size}` : show(flat)
    throw new InvalidTree(`flatten: the updates of the inner transformation must be a vector of ${size}, got ${what}`)
  }
  let end = 0
  return tree.map((leaf) => {
    const start = end
    end += tree.size(leaf)
    const stop = end
    const shape = leafShape(leaf) ?? [1]
    const slice: OpaqueFunction = ({ data }) => data.slice(start, stop)
    const part = opaque(slice, [flat], { dtype: flat.dtype, shape })
    // The greatest of one number is that number, its sign and all.
    if (isScalar(leaf)) return maxOf(part)
    // What is bare and of 16 bits becomes so again where it is given back.
    const isBare = leaf instanceof Expr && leaf.shape === null && flat.dtype !== 'float16'
    return isBare ? reshape(part, null) : part
  }, like)
}
