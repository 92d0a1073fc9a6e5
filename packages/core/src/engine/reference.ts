import { allocate, type Data, Kind } from '../array/dtype.js'
import { decode, encode, roundTo } from '../array/half.js'
import type { NdArray } from '../array/ndarray.js'
import { compute, ruleOf } from '../expression/compute.js'
import { type Child, Expr, settle, shapeOf, type Whole } from '../expression/expr.js'
import { isElementwise, isReduction, Op } from '../expression/op.js'
import { reducing } from '../expression/reducing.js'
import type { Engine } from './engine.js'
import { pendingOrder } from './order.js'

type Element = (i: number) => number

/** The values of one evaluation. Not noted in the nodes: an opaque function may evaluate some of them in between. */
type Results = Map<Expr, Data | number>

const numberOf = (child: Child | null, results: Results): number => {
  if (!(child instanceof Expr)) return child ?? 0
  return child.op === Op.Leaf ? child.value : (results.get(child) as number)
}

const dataOf = (node: Expr, results: Results): Data => (node.op === Op.Leaf ? node.data : results.get(node)) as Data

/** How the elements of an operand are read: every place of a scalar holds its value, rounded to the dtype it meets. */
const elementsOf = (child: Child | null, kind: Kind, results: Results): Element => {
  if (!(child instanceof Expr) || child.kind === Kind.Scalar) {
    const value = roundTo(kind, numberOf(child, results))
    return () => value
  }
  const data = dataOf(child, results)
  if (child.kind === Kind.F32 || child.kind === Kind.F64) return (i) => data[i] as number
  return (i) => decode(child.kind, data[i] as number)
}

const elementwise = (node: Expr, results: Results): Data => {
  const { kind, size } = node
  const rule = ruleOf(node.op)
  const a = elementsOf(node.a, kind, results)
  const b = elementsOf(node.b, kind, results)
  const c = elementsOf(node.c, kind, results)
  const out = allocate(kind, size)
  for (let i = 0; i < size; i++) out[i] = encode(kind, roundTo(kind, rule(a(i), b(i), c(i))))
  return out
}

const reduce = (node: Expr, results: Results): number => {
  const operand = node.a as Expr
  const other = (node.b ?? operand) as Expr
  const x = elementsOf(operand, operand.kind, results)
  return reducing().of(node.op, x, elementsOf(other, other.kind, results), operand.size)
}

const standalone = (node: Expr, results: Results): Data => {
  const operands = node.more ?? [node.a as Expr]
  const arrays = operands.map((o) => ({ dtype: o.dtype, shape: shapeOf(o), data: dataOf(o, results) }) as NdArray)
  return (node.detail as Whole).method.compute(node, arrays)
}

const valueOf = (node: Expr, results: Results): Data | number => {
  if (isReduction(node.op)) return reduce(node, results)
  if (node.kind === Kind.Scalar) {
    return compute(node.op, numberOf(node.a, results), numberOf(node.b, results), numberOf(node.c, results))
  }
  return isElementwise(node.op) ? elementwise(node, results) : standalone(node, results)
}

const operandsOf = ({ a, b, more }: Expr): Expr[] =>
  [a, b, ...(more ?? [])].filter((operand): operand is Expr => operand instanceof Expr)

/** What all comes to that is pending under the roots; they stay as they are. */
export const resultsOf = (roots: readonly Expr[]): ReadonlyMap<Expr, Data | number> => {
  const results: Results = new Map()
  for (const node of pendingOrder(roots)) {
    if (node.op !== Op.Leaf) results.set(node, valueOf(node, results))
  }
  return results
}

/**
 * The specification: plain TypeScript, one loop per operation, a fresh array for every node. What this engine computes is
 * what an expression means.
 */
export const reference: Engine = {
  name: 'reference',
  evaluate: (roots) => {
    const results = resultsOf(roots)
    // What it takes a pass to compute is not computed again for what is asked next.
    const kept = [...results.keys()].filter(({ op }) => !isElementwise(op))
    for (const node of [...kept.flatMap(operandsOf), ...kept, ...roots]) {
      if (node.op !== Op.Leaf) settle(node, results.get(node) as Data | number)
    }
  }
}
