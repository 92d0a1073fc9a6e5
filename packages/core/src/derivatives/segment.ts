// A part of a graph that is computed on its own, by an opaque node: what it stores in between is gone when it is done. Its
// derivative is such a part, too, which computes that again.
import { type Data, Kind } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'
import { evaluate, read } from '../engine/evaluate.js'
import { Expr, eachChild, leafOf, type OpaqueFunction } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { Cotangent } from '../expression/operations/cotangent.js'
import { fullLike, type OpaqueResult, opaque, sum, type Value } from '../expression/operations.js'
import { own } from '../transformation/edge.js'
import { type OpaquePull, withPull } from './pulls.js'
import { cotangentsOf, type Seed } from './reverse.js'

/** Results out of inputs, leaves that have no elements. */
interface Segment {
  readonly inputs: readonly Expr[]
  readonly results: readonly Value[]
}

/** The part of a graph between some nodes and results, as nodes that are computed apart; the results themselves where there is nothing between. */
export const apartFrom = (results: readonly Expr[], isInput: (node: Expr) => boolean): readonly Value[] => {
  const operands: Expr[] = []
  const inputs: Expr[] = []
  const copies = copied(results, isInput, (node) => {
    const input = new Expr(Op.Leaf, node.kind, node.form, node.extent, null, null, null)
    operands.push(node)
    inputs.push(input)
    return input
  })
  return operands.length === 0 ? results : computed({ inputs, results: copies }, operands)
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
  const found = new Map<Value, Value>(segment.inputs.map((input, i) => [input, values[i] as Value]))
  const results = [...new Set(segment.results)].filter((x): x is Expr => x instanceof Expr && !found.has(x))
  const nodes =
    results.length > 1 ? together(segment, results, operands) : results.map((x) => alone(segment, x, operands))
  results.forEach((result, i) => found.set(result, result.isScalar ? sum(nodes[i] as Expr) : (nodes[i] as Expr)))
  return segment.results.map((result) => found.get(result) ?? result)
}

const ONE = /* @__PURE__ */ new Float64Array(1)

const formOf = (result: Expr): OpaqueResult => (result.isScalar ? { dtype: 'float64', shape: [1] } : { like: result })

/** A segment that has one result. */
const alone = (segment: Segment, result: Expr, operands: readonly Value[]): Expr => {
  const f = (...arrays: readonly NdArray[]): Data => outcome(segment, [result], arrays)[0] as Data
  const pull: OpaquePull = (dy, own, isWanted) => pulled(segment, [{ result, cotangent: dy }], own, isWanted)
  return opaque(withPull(f, pull), operands, formOf(result))
}

/**
 * A segment that has several: a node that computes them and stands before each of them. There is nothing in its array, but results
 * are kept for as long as that is. One that was taken before, or whose array is not the one that was made, is computed anew.
 */
const together = (segment: Segment, results: readonly Expr[], operands: readonly Value[]): readonly Expr[] => {
  const kept = new WeakMap<Data, Map<Expr, Data>>()
  const whole = (...arrays: readonly NdArray[]): Data => {
    // What nobody asks for was in no evaluation; of copies of the nodes nothing is known.
    const asked = results.filter((_, i) => (nodes[i] as Expr).mark > 0)
    const made = asked.length > 0 ? asked : results
    const elements = outcome(segment, made, arrays)
    const token = new Float32Array(1)
    kept.set(token, new Map(made.map((result, i) => [result, elements[i] as Data])))
    return token
  }
  const pull: OpaquePull = (dy, own, isWanted) => pulled(segment, (dy as Gathered).seeds, own, isWanted)
  const before = opaque(withPull(whole, pull), operands, { dtype: 'float32', shape: [1] })
  const nodes = results.map((result) => {
    const taken = ({ data }: NdArray, ...arrays: readonly NdArray[]): Data => {
      const found = kept.get(data)?.get(result)
      kept.get(data)?.delete(result)
      return found ?? (outcome(segment, [result], arrays)[0] as Data)
    }
    const handOn: OpaquePull = (cotangent) => [new Gathered([{ result, cotangent }]), ...operands.map(() => null)]
    return opaque(withPull(taken as OpaqueFunction, handOn), [before, ...operands], formOf(result))
  })
  return nodes
}

/** The cotangents of several results, for what computes them all. */
class Gathered extends Cotangent {
  /** In the order in which a walk from above meets the results, which is the one it would meet what they are made of. */
  readonly seeds: readonly Seed[]

  constructor(seeds: readonly Seed[]) {
    super(null)
    this.seeds = seeds
  }

  override for(): Gathered {
    return this
  }

  // On the way back the last comes first.
  override plus(other: Gathered): Gathered {
    return new Gathered([...other.seeds, ...this.seeds])
  }
}

/** The elements of results, or their numbers, out of arrays for the inputs. */
const outcome = ({ inputs }: Segment, results: readonly Expr[], arrays: readonly NdArray[]): readonly Data[] => {
  const places = new Map(inputs.map((input, i) => [input, i]))
  const nodes = copied(
    results,
    (node) => node.op === Op.Leaf,
    (input) => elementsOf(input, arrays[places.get(input) ?? -1]?.data)
  )
  evaluate(nodes.filter((node): node is Expr => node instanceof Expr && node.op !== Op.Leaf))
  return nodes.map((node) => (typeof node === 'number' || node.isScalar ? Float64Array.of(read(node)) : own(node)))
}

/** An input with its elements, or its number; a leaf that is none is a number that is known. */
const elementsOf = (input: Expr, data: Data | undefined): Value => {
  if (data === undefined) return input
  return input.kind === Kind.Scalar ? (data[0] as number) : leafOf(input.kind, input.form, data)
}

/** The cotangents of the inputs of a segment, out of those of results, in a segment of their own. */
const pulled = (
  { inputs }: Segment,
  given: readonly Seed[],
  operands: readonly Expr[],
  isWanted: (operand: Expr) => boolean
): readonly (Cotangent | null)[] => {
  const more: Expr[] = []
  const values: Value[] = []
  const inputFor = (value: Value): Value => {
    if (typeof value === 'number') return value
    const input = new Expr(Op.Leaf, value.kind, value.form, value.extent, null, null, null)
    more.push(input)
    values.push(value)
    return input
  }
  const seeds = given.map(({ result, cotangent: { value, mask } }) => ({
    result,
    cotangent: new Cotangent(inputFor(value), mask === null ? null : inputFor(mask))
  }))
  const wanted = inputs.filter((_, i) => isWanted(operands[i] as Expr))
  const found = cotangentsOf('remat', seeds, wanted, new Map())
  const results = found.flatMap((each) =>
    each === undefined ? [] : [each.value, ...(each.mask === null ? [] : [each.mask])]
  )
  const made = [...computed({ inputs: [...inputs, ...more], results }, [...operands, ...values])]
  const cotangents = found.map((each) => {
    if (each === undefined) return null
    const value = made.shift() as Value
    return new Cotangent(value, each.mask === null ? null : (made.shift() as Value))
  })
  return inputs.map((input) => cotangents[wanted.indexOf(input)] ?? null)
}
