import { type DType, Kind } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'
import type { Engine } from '../engine/engine.js'
import { type GraphNode, nodeOf, settleNode } from '../engine/node.js'
import { pendingOrder } from '../engine/order.js'
import { isArithmetic } from '../engine/scalar.js'
import { InvalidTree } from '../errors.js'
import { compute as computeNumber } from '../expression/compute.js'
import { Expr, shapeOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { opaque, sum } from '../expression/operations.js'

/** The dtype and the shape of an array. */
export interface ArrayForm {
  /** `'number'` for an array of shape `[]` that stands for a lazy number, where the library keeps those. */
  readonly dtype: DType | 'number'
  readonly shape: readonly number[]
}

/** Arrays of another library, and how it computes with them. */
export interface ArrayLibrary<A extends object> {
  /** How it is called in messages. */
  readonly name: string
  /** What one of its arrays is called in messages, such as `a tf.Tensor`. */
  readonly arrayName: string
  /** Whether a value is an array of it. */
  readonly isArray: (value: unknown) => value is A
  /** The dtype and shape of an array; of one that cannot be computed with, why, to follow its place: `was freed`. */
  readonly formOf: (array: A) => ArrayForm | string
  /**
   * The array that a node is, out of the arrays and numbers of its operands, which stay as they are. A lazy number is an array
   * of shape `[]`. It is never asked for a leaf, or for an opaque function.
   */
  readonly compute: (node: GraphNode, operands: readonly (A | number)[]) => A
  /** An array of its own for elements of ours, which stay as they are. */
  readonly fromHost: (array: NdArray) => A
  /** The elements of an array, for us to read until the array changes. */
  readonly toHost: (array: A) => NdArray
  /** One more handle of an array, to be released by itself. */
  readonly clone: (array: A) => A
  /** Says that an array is needed no more. */
  readonly release: (array: A) => void
  /** Whether lazy numbers in a state stay arrays; without it they are read, and are numbers there. */
  readonly keepsNumbers?: boolean | undefined
}

type Held<A> = A | number

/** One evaluation on the arrays of another library: what it is given, and what is computed. */
export interface Interpretation<A extends object> {
  /** The node of an array that is given, whose place is told where it cannot be computed with. */
  readonly leaf: (array: A, place: () => string) => Expr
  /** What gives nodes their values on the host, for those who must know them before they go on. */
  readonly engine: Engine
  /** The arrays of nodes, each for one owner alone, and the numbers of lazy numbers. Everything else that was computed is released. */
  readonly outputs: (nodes: readonly Expr[]) => readonly Held<A>[]
}

/** Computes each node by an operation of another library, operands first, and lets go of what nobody needs any more. */
export const interpretation = <A extends object>(library: ArrayLibrary<A>): Interpretation<A> => {
  const { clone, compute, fromHost, release, toHost } = library
  const given = new Map<Expr, A>()

  const leaf = (array: A, place: () => string): Expr => {
    const { dtype, shape } = soundForm(library, array, place)
    const isNumber = dtype === 'number'
    // For every other engine it is a function without operands, which brings the elements here.
    const node = opaque(() => toHost(array).data.slice(), [], { dtype: isNumber ? 'float64' : dtype, shape })
    given.set(node, array)
    return isNumber ? (sum(node) as Expr) : node
  }

  const run = (roots: readonly Expr[]): ReadonlyMap<Expr, Held<A>> => {
    const order = pendingOrder(roots).filter((node) => !given.has(node))
    const uses = countUses(order, roots)
    const values = new Map<Expr, Held<A>>()

    const valueOf = (x: Expr | number): Held<A> => {
      if (typeof x === 'number') return x
      const known = given.get(x) ?? values.get(x)
      if (known !== undefined) return known
      const value = x.kind === Kind.Scalar ? x.value : fromHost(hostArray(x))
      values.set(x, value)
      return value
    }

    const use = (x: Expr | number): void => {
      if (typeof x === 'number') return
      const left = (uses.get(x) as number) - 1
      uses.set(x, left)
      const value = values.get(x)
      if (left > 0 || value === undefined || typeof value === 'number') return
      values.delete(x)
      release(value)
    }

    const computed = (x: Expr): Held<A> => {
      const node = nodeOf(x)
      const operands = node.operands.map(valueOf)
      if (isArithmetic(x) && operands.every((operand) => typeof operand === 'number')) {
        const [a = 0, b = 0, c = 0] = operands as number[]
        return computeNumber(x.op, a, b, c)
      }
      if (node.name !== 'opaque') return compute(node, operands)
      const arrays = (operands as A[]).map(toHost)
      return fromHost({ dtype: x.dtype, shape: shapeOf(x), data: node.f(...arrays) } as NdArray)
    }

    try {
      for (const x of order) {
        values.set(x, computed(x))
        for (const operand of operandsOf(x)) use(operand)
      }
      for (const root of roots) valueOf(root)
    } catch (error) {
      for (const value of values.values()) if (typeof value === 'object') release(value)
      throw error
    }
    return values
  }

  const hostValue = (value: Held<A>): NdArray['data'] | number =>
    typeof value === 'number' ? value : toHost(value).data

  const evaluate = (roots: readonly Expr[]): void => {
    const pending = roots.filter(({ op }) => op !== Op.Leaf)
    const values = run(pending)
    try {
      for (const root of new Set(pending)) {
        const host = hostValue(values.get(root) ?? (given.get(root) as A))
        settleNode(root, root.kind === Kind.Scalar && typeof host !== 'number' ? (host[0] as number) : host)
      }
    } finally {
      for (const value of values.values()) if (typeof value === 'object') release(value)
    }
  }

  const outputs = (nodes: readonly Expr[]): readonly Held<A>[] => {
    const values = run(nodes)
    const taken = new Set<Held<A>>()
    return nodes.map((node) => {
      const value = values.get(node) ?? (given.get(node) as A)
      if (typeof value === 'number') return value
      if (node.kind === Kind.Scalar && library.keepsNumbers !== true) {
        const [number] = toHost(value).data
        if (!taken.has(value)) release(value)
        taken.add(value)
        return number as number
      }
      if (given.has(node) || taken.has(value)) return clone(value)
      taken.add(value)
      return value
    })
  }

  return { leaf, engine: { name: library.name, evaluate }, outputs }
}

/** The dtype and shape of an array that can be computed with. */
export const soundForm = <A extends object>(
  library: Pick<ArrayLibrary<A>, 'arrayName' | 'formOf'>,
  array: A,
  place: () => string
): ArrayForm => {
  const form = library.formOf(array)
  if (typeof form === 'string') throw new InvalidTree(`${place()} is ${library.arrayName} that ${form}`)
  return form
}

const operandsOf = ({ a, b, c, more }: Expr): readonly (Expr | number)[] =>
  more ?? [a, b, c].filter((child) => child !== null)

/** How often each node is needed: as an operand, and as a root. */
const countUses = (order: readonly Expr[], roots: readonly Expr[]): Map<Expr, number> => {
  const uses = new Map<Expr, number>()
  const count = (x: Expr | number): void => {
    if (x instanceof Expr) uses.set(x, (uses.get(x) ?? 0) + 1)
  }
  for (const node of order) for (const operand of operandsOf(node)) count(operand)
  for (const root of roots) count(root)
  return uses
}

const hostArray = (x: Expr): NdArray => ({ dtype: x.dtype, shape: shapeOf(x), data: x.data }) as NdArray
