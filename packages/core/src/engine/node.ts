import { type DType, Kind } from '../array/dtype.js'
import { flawOf, type NdArray } from '../array/ndarray.js'
import { InvalidOption, show } from '../errors.js'
import { type AxisReduction, type Call, Expr, type Permutation, settle, shapeOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { arrayOf } from '../expression/operations.js'
import type { Product } from '../expression/product.js'
import { type NodeName, nodeNameOf } from './nodes.js'

/** What every node has. */
interface AnyNode {
  /** The dtype of its elements; `'number'` for one lazy number, which is float64. */
  readonly dtype: DType | 'number'
  /** Its shape; that of a number is `[]`. */
  readonly shape: readonly number[]
  /** What it is computed from: nodes, and numbers that are known. */
  readonly operands: readonly (Expr | number)[]
}

/** A value that is there. */
export interface LeafNode extends AnyNode {
  readonly name: 'leaf'
  /** The array, not copied, or the number. */
  readonly value: NdArray | number
}

/** A reduction along axes, which keep length 1. */
export interface ReduceNode extends AnyNode {
  readonly name: 'reduce'
  readonly by: 'sum' | 'minOf' | 'maxOf'
  readonly axes: readonly number[]
}

/** An array whose axis i is axis `order[i]` of its operand. */
export interface PermuteNode extends AnyNode {
  readonly name: 'permute'
  readonly order: readonly number[]
}

/** What a function makes of its operands. */
export interface OpaqueNode extends AnyNode {
  readonly name: 'opaque'
  /** The elements, out of arrays that it leaves alone. */
  readonly f: (...operands: readonly NdArray[]) => NdArray['data']
}

/** Products of m × k by k × n matrices. */
export interface MatmulNode extends AnyNode {
  readonly name: 'matmul'
  /** Whether the first operand lies there as k × m, the second as n × k. */
  readonly transposeA: boolean
  readonly transposeB: boolean
  /** Whether the elements above the diagonal are copies of those below it. */
  readonly symmetric: boolean
}

/** A node that its name, its operands, its dtype and its shape say all of. */
export interface PlainNode extends AnyNode {
  readonly name: Exclude<NodeName, 'leaf' | 'reduce' | 'permute' | 'opaque' | 'matmul'>
}

/** A node of a graph, as an engine sees it. */
export type GraphNode = LeafNode | ReduceNode | PermuteNode | OpaqueNode | MatmulNode | PlainNode

const REDUCTIONS = { [Op.Sum]: 'sum', [Op.MinOf]: 'minOf', [Op.MaxOf]: 'maxOf' } as const

/**
 * What a node is: its name among {@link nodes}, its operands, its dtype and shape, and what else belongs to it.
 *
 * @example
 * const { name, operands, dtype, shape } = nodeOf(add(new Float32Array([1, 2]), 3) as Expr)
 * name // => 'add'
 * operands[1] // => 3
 * dtype // => 'float32'
 * shape // => [2]
 */
export const nodeOf = (x: Expr): GraphNode => {
  const name = nodeNameOf(x.op)
  if (name === undefined) throw new InvalidOption('nodeOf: x must be a node of one array or number, got one of many')
  const isNumber = x.kind === Kind.Scalar
  const dtype = isNumber ? 'number' : x.dtype
  const operands = x.more ?? [x.a, x.b, x.c].filter((child): child is Expr | number => child !== null)
  const common = { dtype, shape: isNumber ? [] : shapeOf(x), operands } as const
  switch (name) {
    case 'leaf':
      return { ...common, name, value: isNumber ? x.value : arrayOf(x) }
    case 'reduce': {
      const { op, axes } = x.detail as AxisReduction
      return { ...common, name, by: REDUCTIONS[op], axes }
    }
    case 'permute':
      return { ...common, name, order: (x.detail as Permutation).order }
    case 'opaque':
      return { ...common, name, f: (x.detail as Call).f }
    case 'matmul': {
      const { transposeA, transposeB, symmetric } = x.detail as Product
      return { ...common, name, transposeA, transposeB, symmetric }
    }
    default:
      return { ...common, name }
  }
}

/**
 * Gives a node its value: the elements of its dtype and shape, which are its own from then on, or its number. It lets go of its
 * operands.
 *
 * @example
 * const doubled = mul(new Float32Array([1, 2]), 2) as Expr
 * settleNode(doubled, new Float32Array([2, 4]))
 * nodeOf(doubled).name // => 'leaf'
 * settleNode(mul(new Float32Array(2), 3) as Expr, new Float32Array(1)) // => throws InvalidOption: settleNode: …
 *
 * @throws InvalidOption for elements of another dtype or number.
 */
export const settleNode = (x: Expr, value: NdArray['data'] | number): void => {
  if (x.kind === Kind.Scalar || typeof value === 'number') {
    if (x.kind !== Kind.Scalar || typeof value !== 'number') {
      const wanted = x.kind === Kind.Scalar ? 'a number' : 'elements'
      throw new InvalidOption(`settleNode: value must be ${wanted}, got ${show(value)}`)
    }
  } else {
    const flaw = flawOf({ dtype: x.dtype, shape: shapeOf(x), data: value })
    if (flaw !== undefined) throw new InvalidOption(`settleNode: value ${flaw}`)
  }
  if (x.op !== Op.Leaf) settle(x, value)
}

/** Whether a value is a node. */
export const isNode = (x: unknown): x is Expr => x instanceof Expr
