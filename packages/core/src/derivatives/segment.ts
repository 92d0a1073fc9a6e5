// A part of a graph that is computed on its own, by an opaque node: what it stores in between is gone when it is done. Its
// derivative is such a part, too, which computes that again.
import { type Data, Kind } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'
import { evaluate } from '../engine/evaluate.js'
import { Expr, eachChild, leafOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { Cotangent } from '../expression/operations/cotangent.js'
import { fullLike, opaque, sum, type Value } from '../expression/operations.js'
import { isSameList } from '../lists.js'
import { own } from '../transformation/edge.js'
import { type OpaquePull, withPull } from './pulls.js'
import { cotangentsOf } from './reverse.js'

/** Results out of inputs, leaves that have no elements. */
interface Segment {
  readonly inputs: readonly Expr[]
  readonly results: readonly Value[]
}

/** The part of a graph between some nodes and a result, as one node that is computed apart; the result itself where there is nothing between. */
export const apartFrom = (result: Expr, isInput: (node: Expr) => boolean): Value => {
  const operands: Expr[] = []
  const inputs: Expr[] = []
  const [root] = copied([result], isInput, (node) => {
    const input = new Expr(Op.Leaf, node.kind, node.form, node.extent, null, null, null)
    operands.push(node)
    inputs.push(input)
    return input
  })
  return operands.length === 0 ? result : (computed({ inputs, results: [root as Value] }, operands)[0] as Value)
}

/** Copies of nodes, down to inputs, for which other values stand. */
const copied = (
  results: readonly Value[],
  isInput: (node: Expr) => boolean,
  instead: (node: Expr) => Value
): readonly Value[] => {
  const copies = new Map<Expr, Value>()
  const stack = results.filter((result) => result instanceof Expr)
  while (stack.length > 0) {
    const node = stack.at(-1) as Expr
    const before = stack.length
    if (!copies.has(node) && !isInput(node)) {
      eachChild(node, (child) => {
        if (!copies.has(child)) stack.push(child)
      })
    }
    if (stack.length > before) continue
    stack.pop()
    if (!copies.has(node)) copies.set(node, isInput(node) ? instead(node) : copyOf(node, copies))
  }
  return results.map((result) => (result instanceof Expr ? (copies.get(result) as Value) : result))
}

const copyOf = ({ op, kind, form, extent, a, b, c, more, detail }: Expr, copies: ReadonlyMap<Expr, Value>): Expr => {
  const at = <X extends Expr | number | null>(child: X): Value | X =>
    child instanceof Expr ? (copies.get(child) as Value) : child
  const copy = new Expr(op, kind, form, extent, at(a), at(b), at(c))
  copy.more = more?.map((child) => copies.get(child) as Expr) ?? null
  copy.detail = detail
  return copy
}

/** The results of a segment whose inputs are some values. */
const computed = (segment: Segment, values: readonly Value[]): readonly Value[] => {
  // An opaque node has arrays alone.
  const operands = values.map((value) => (value instanceof Expr && !value.isScalar ? value : fullLike(ONE, value)))
  const run = running(segment)
  return segment.results.map((result, i) => {
    if (typeof result === 'number') return result
    const at = segment.inputs.indexOf(result)
    if (at >= 0) return values[at] as Value
    const f = withPull((...arrays) => run(i, arrays), pulling(segment, result))
    const node = opaque(f, operands, result.isScalar ? { dtype: 'float64', shape: [1] } : { like: result })
    return result.isScalar ? sum(node) : node
  })
}

const ONE = /* @__PURE__ */ new Float64Array(1)

/** Computes a segment; what it gives besides what was asked for is kept until that is asked for. */
const running = ({ inputs, results }: Segment): ((result: number, arrays: readonly NdArray[]) => Data) => {
  let given: readonly Data[] = []
  const known = new Map<number, Data>()
  return (result, arrays) => {
    const data = arrays.map((array) => array.data)
    if (!isSameList(given, data) || !known.has(result)) {
      known.clear()
      given = data
      const nodes = copied(
        results,
        (node) => node.op === Op.Leaf,
        (input) => elementsOf(input, data[inputs.indexOf(input)])
      )
      evaluate(nodes.filter((node) => node instanceof Expr && node.op !== Op.Leaf) as Expr[])
      nodes.forEach((node, i) => {
        if (node instanceof Expr && !inputs.includes(results[i] as Expr))
          known.set(i, node.isScalar ? Float64Array.of(node.value) : own(node))
      })
    }
    const found = known.get(result) as Data
    known.delete(result)
    if (known.size === 0) given = []
    return found
  }
}

/** An input with its elements, or its number; a leaf that is none is a number that is known. */
const elementsOf = (input: Expr, data: Data | undefined): Value => {
  if (data === undefined) return input
  return input.kind === Kind.Scalar ? (data[0] as number) : leafOf(input.kind, input.form, data)
}

/** The cotangents of the inputs of a segment, out of that of a result, in a segment of their own. */
const pulling =
  ({ inputs }: Segment, result: Expr): OpaquePull =>
  (dy, operands, isWanted) => {
    const seeds: Expr[] = []
    const values: Value[] = []
    const seedOf = (value: Value): Value => {
      if (typeof value === 'number') return value
      const seed = new Expr(Op.Leaf, value.kind, value.form, value.extent, null, null, null)
      seeds.push(seed)
      values.push(value)
      return seed
    }
    const cotangent = new Cotangent(seedOf(dy.value), dy.mask === null ? null : seedOf(dy.mask))
    const wanted = inputs.filter((_, i) => isWanted(operands[i] as Expr))
    const found = cotangentsOf('remat', [{ result, cotangent }], wanted, new Map())
    const results = found.flatMap((each) =>
      each === undefined ? [] : [each.value, ...(each.mask === null ? [] : [each.mask])]
    )
    const made = [...computed({ inputs: [...inputs, ...seeds], results }, [...operands, ...values])]
    const cotangents = found.map((each) => {
      if (each === undefined) return null
      const value = made.shift() as Value
      return new Cotangent(value, each.mask === null ? null : (made.shift() as Value))
    })
    return inputs.map((input) => cotangents[wanted.indexOf(input)] ?? null)
  }
