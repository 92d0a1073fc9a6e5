import { InvalidOption } from '@gradchain/core'
import type { GraphNode, NodeName } from '@gradchain/core/engine'
import { lax, numpy as np } from '@jax-js/jax'

/** An array, or a number that is known. */
export type Value = np.Array | number

/** Consumes its operands, as operations of jax-js do. */
type Compute = (node: GraphNode, a: np.Array, b: np.Array, c: np.Array) => np.Array

type DType = np.Array['dtype']

/** What a dtype of ours is there. */
export const dtypeOf = (dtype: GraphNode['dtype']): DType => {
  if (dtype === 'float64') return np.float64
  if (dtype === 'float16') return np.float16
  if (dtype === 'bfloat16') throw new InvalidOption('jaxjs: jax-js has no arrays of bfloat16')
  return np.float32
}

/** The largest or smallest of no elements at all, which arrays do not know. */
const ofElements = (a: np.Array, reduce: (a: np.Array) => np.Array, ofNone: number): np.Array => {
  if (a.size > 0) return reduce(a)
  const { dtype } = a
  a.dispose()
  return np.array(ofNone, { dtype })
}

const transposedIf = (isTransposed: boolean, a: np.Array): np.Array => (isTransposed ? np.matrixTranspose(a) : a)

const REDUCTIONS = { sum: np.sum, minOf: np.min, maxOf: np.max } as const

const table = (): Readonly<Record<Exclude<NodeName, 'leaf' | 'opaque' | 'pow'>, Compute>> => ({
  fill: ({ shape }, a) => np.broadcastTo(a, [...shape]),
  cast: (_, a) => a,
  reshape: ({ shape }, a) => np.reshape(a, [...shape]),
  neg: (_, a) => np.negative(a),
  abs: (_, a) => np.absolute(a),
  sqrt: (_, a) => np.sqrt(a),
  floor: (_, a) => np.floor(a),
  exp: (_, a) => np.exp(a),
  log: (_, a) => np.log(a),
  log1p: (_, a) => np.log1p(a),
  tanh: (_, a) => np.tanh(a),
  sin: (_, a) => np.sin(a),
  cos: (_, a) => np.cos(a),
  erf: (_, a) => lax.erf(a),
  atan2: (_, a, b) => np.atan2(a, b),
  add: (_, a, b) => np.add(a, b),
  sub: (_, a, b) => np.subtract(a, b),
  mul: (_, a, b) => np.multiply(a, b),
  div: (_, a, b) => np.trueDivide(a, b),
  min: (_, a, b) => np.minimum(a, b),
  max: (_, a, b) => np.maximum(a, b),
  less: (_, a, b) => np.less(a, b),
  lessEqual: (_, a, b) => np.lessEqual(a, b),
  equal: (_, a, b) => np.equal(a, b),
  where: (_, a, b, c) => np.where(np.notEqual(a, 0), b, c),
  sum: (_, a) => np.sum(a),
  sumSquares: (_, a) => np.sum(np.square(a)),
  dot: (_, a, b) => np.sum(np.multiply(a, b)),
  minOf: (_, a) => ofElements(a, np.min, Number.POSITIVE_INFINITY),
  maxOf: (_, a) => ofElements(a, np.max, Number.NEGATIVE_INFINITY),
  reduce: (node, a) => {
    if (node.name !== 'reduce') throw new TypeError('not a reduction')
    return REDUCTIONS[node.by](a, [...node.axes], { keepdims: true })
  },
  broadcast: ({ shape }, a) => np.broadcastTo(a, [...shape]),
  permute: (node, a) => {
    if (node.name !== 'permute') throw new TypeError('not a permutation')
    return np.transpose(a, [...node.order])
  },
  matmul: (node, a, b) => {
    if (node.name !== 'matmul') throw new TypeError('not a product')
    return np.matmul(transposedIf(node.transposeA, a), transposedIf(node.transposeB, b))
  }
})

/** The largest power that is written as a product. */
const MOST_FACTORS = 8

/** Whole powers as products: `np.power` goes by logarithms, which are not exact there and have no slope at 0. */
const power = (a: np.Array, b: Value): np.Array => {
  if (typeof b !== 'number' || !Number.isInteger(b) || b < 1 || b > MOST_FACTORS) return np.power(a, b)
  let product = a.ref
  for (let i = 1; i < b; i++) product = np.multiply(product, a.ref)
  a.dispose()
  return product
}

let operations: ReturnType<typeof table> | null = null

/** The array that a node is, out of the arrays and numbers of its operands, which it consumes. */
export const computed = (node: GraphNode, operands: readonly Value[]): np.Array => {
  const { dtype, name } = node
  if (name === 'leaf' || name === 'opaque') throw new TypeError(`${name} is no operation`)
  const known = operands.find((x) => typeof x !== 'number')
  const meets = dtype === 'number' && typeof known === 'object' ? known.dtype : dtypeOf(dtype)
  const wide = meets === np.float16 ? np.float32 : meets
  // Arithmetic on float16 is not everywhere.
  const lifted = (x: Value): np.Array => {
    if (typeof x === 'number') return np.array(x, { dtype: wide })
    return x.dtype === np.float16 && name !== 'reshape' ? x.astype(np.float32) : x
  }
  operations ??= table()
  const [a = 0, b = 0] = operands
  const result =
    name === 'pow'
      ? power(lifted(a), b)
      : operations[name](node, ...(operands.map(lifted) as [np.Array, np.Array, np.Array]))
  if (dtype === 'number') return result.dtype === np.bool ? result.astype(np.float32) : result
  const wanted = dtypeOf(dtype)
  return result.dtype === wanted ? result : result.astype(wanted)
}
