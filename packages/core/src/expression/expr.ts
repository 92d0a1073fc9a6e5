import { type Data, type DType, dtypeOf, Kind } from '../array/dtype.js'
import type { Float16Vector } from '../array/float16.js'
import type { NdArray } from '../array/ndarray.js'
import { LazyValue } from '../errors.js'
import { asked, isWatched } from '../watch.js'
import { Domain } from './domain.js'
import { Op } from './op.js'
import type { Product, Scratch } from './product.js'

/** What an operation accepts: an array, a number, or an expression of either. */
export type Operand = Expr | Leaf

/** An array or number as a user has it; a `Float16Array`, where the runtime has those. */
export type Leaf = number | Float32Array | Float64Array | Float16Vector | NdArray

/** What stands below a node: another node, or a number, which is a float64 scalar. */
export type Child = Expr | number

/**
 * How a node that works on whole arrays is computed, one implementation for all engines. The node brings it along, so that who
 * has no such node need not carry it.
 */
export interface Method {
  /** The elements, from the arrays of the operands, which must not change. */
  readonly compute: (node: Expr, operands: readonly NdArray[]) => Data
  /** The same by kernels, where there are some; `null` where they or their memory are not to be had. */
  readonly launch?: (node: Expr, scratch: Scratch) => Data | null
}

/** What every node that works on whole arrays has beside its operands. */
export interface Whole {
  readonly method: Method
}

/** What a {@link Op.Reduce} node does along its axes. */
export interface AxisReduction extends Whole {
  readonly op: typeof Op.Sum | typeof Op.MinOf | typeof Op.MaxOf
  readonly axes: readonly number[]
}

/** What an {@link Op.Opaque} node computes: the elements of the result from its operands, which it must not change. */
export type OpaqueFunction = (...operands: readonly NdArray[]) => Data

/** The function that an {@link Op.Opaque} node calls. */
export interface Call extends Whole {
  readonly f: OpaqueFunction
}

/** Which axis of its operand each axis of an {@link Op.Permute} node is. */
export interface Permutation extends Whole {
  readonly order: readonly number[]
}

/** What an {@link Op.Fold} node puts together: a number of each array, in order, into one. */
export interface FoldedParts {
  readonly op: typeof Op.Add | typeof Op.Min | typeof Op.Max
  readonly start: number
  /** The group of each array and its place there. */
  readonly order: Int32Array
  readonly places: Int32Array
  /** For each group a number, or a node: one number, or one of each array. */
  readonly values: readonly (Child | null)[]
}

/** The same, and what is done with it. */
export interface Folding extends FoldedParts {
  /** The number, once the values are known. */
  readonly value: () => number
  /**
   * Whether another node is the chain of additions, or the like, over all arrays in order, of numbers for which a test holds
   * with what is put together here.
   */
  readonly isLike: (chain: Expr, isTerm: (part: Child, single: Child, leaf: number) => boolean) => boolean
}

/** The part of a node that is no operand. */
export type Detail = Whole | AxisReduction | Call | Permutation | Product | Folding | null

const LAZY = /* @__PURE__ */ Symbol('an expression is lazy, there is no value to clone: use `force(tree)` for arrays')

/**
 * An immutable, lazy array or scalar: a node of a graph of operations. It is built by `add`, `mul`, `sqrt`, `sum` and the
 * other operations, and evaluated when a transformation returns or when `read` asks for it.
 *
 * @example
 * const total = sum(new Float32Array([1, 2]))
 * total instanceof Expr // => true
 * Number(total) // => throws LazyValue: an expression is lazy, …
 * read(total) // => 3
 */
export class Expr {
  /** The operation; {@link Op.Leaf} once the value is known. */
  op: number
  /** The kind of number this is an array of, or {@link Kind.Scalar}. */
  readonly kind: Kind
  /** The shape, as operations hand it on; a {@link Domain} for arrays that lie side by side, and for a number of each. */
  form: readonly number[] | null
  /** How many elements, those of a domain with the gaps between its arrays. */
  readonly extent: number
  /** The operands. */
  a: Child | null
  b: Child | null
  c: Child | null
  /** The operands beyond three, of opaque nodes. */
  more: readonly Expr[] | null
  /** What is no operand. */
  detail: Detail
  /** The elements, once known. */
  data: Data | null = null
  /** The value of a scalar, once known. */
  value = 0
  /** Whether the elements were computed here and belong to nobody yet. */
  isFresh = false

  // A symbol is what `structuredClone` refuses, by its name.
  readonly lazy = LAZY

  // Notes of the planner, valid for the pass whose number is in `mark`.
  mark = 0
  stage = 0
  weight = 0
  group = 0
  register = 0

  constructor(
    op: number,
    kind: Kind,
    shape: readonly number[] | null,
    size: number,
    a: Child | null,
    b: Child | null,
    c: Child | null
  ) {
    this.op = op
    this.kind = kind
    this.form = shape
    this.extent = size
    this.a = a
    this.b = b
    this.c = c
    this.more = null
    this.detail = null
  }

  /** The shape; `null` for a scalar and for a bare vector, whose length is `size`. */
  get shape(): readonly number[] | null {
    return this.form instanceof Domain && isWatched() ? asked() : this.form
  }

  /** How many elements. */
  get size(): number {
    return this.form instanceof Domain && isWatched() ? asked() : this.extent
  }

  /** The dtype of the elements; a scalar is float64. */
  get dtype(): DType {
    return dtypeOf(this.kind)
  }

  /** What a user has, or will have, in its place. */
  // Under the name of `LEAF`, written out: bundlers keep a class whose keys are computed.
  get '@@leaf'(): string {
    if (this.isScalar) return 'a number'
    if (this.shape !== null || this.kind === Kind.BF16 || this.kind === Kind.F16) return 'an NdArray'
    return this.kind === Kind.F64 ? 'a Float64Array' : 'a Float32Array'
  }

  /** Whether it is one lazy number, such as a sum, and no array. */
  get isScalar(): boolean {
    return this.kind === Kind.Scalar
  }

  [Symbol.toPrimitive](): never {
    throw new LazyValue(
      'an expression is lazy, it has no value to compare or compute with: use `where`, or `read(x)` to force it'
    )
  }

  toJSON(): never {
    throw new LazyValue(
      'an expression is lazy, it has no value to write down: use `force(tree)` for arrays, `read(x)` for a number'
    )
  }
}

/** Gives a node its elements, or its number. */
export const fill = (node: Expr, value: Data | number): void => {
  node.op = Op.Leaf
  if (typeof value === 'number') node.value = value
  else {
    node.data = value
    node.isFresh = true
  }
}

/** Lets go of the operands of a node that has its value. */
export const forget = (node: Expr): void => {
  node.a = node.b = node.c = node.more = node.detail = null
}

/** Gives a node its elements, or its number, for good. */
export const settle = (node: Expr, value: Data | number): void => {
  fill(node, value)
  forget(node)
}

/** The shape of an array node. */
export const shapeOf = (node: Expr): readonly number[] => node.shape ?? [node.size]

/** A node over elements that are there. */
export const leafOf = (kind: Kind, shape: readonly number[] | null, data: Data): Expr => {
  const node = new Expr(Op.Leaf, kind, shape, data.length, null, null, null)
  node.data = data
  return node
}

/** Whether a node stands for many arrays, or for a number out of each of them. */
export const isGroup = (node: Expr): boolean => node.form instanceof Domain

/** Calls back for every operand that is a node. */
export const eachChild = (node: Expr, visit: (child: Expr) => void): void => {
  if (node.a instanceof Expr) visit(node.a)
  if (node.b instanceof Expr) visit(node.b)
  if (node.c instanceof Expr) visit(node.c)
  if (node.more !== null) for (const child of node.more) visit(child)
}
