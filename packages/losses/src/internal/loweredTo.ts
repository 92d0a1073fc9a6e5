import {
  cast,
  div,
  Expr,
  fullLike,
  greater,
  lessEqual,
  neg,
  type OpaqueFunction,
  type Operand,
  opaque,
  stopGradient,
  sub,
  sum,
  type Tree,
  type Value,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { thresholdOf } from './thresholdOf.js'

/**
 * The elements of all leaves lowered by the one number θ that makes their sum `scale`, none of them below 0:
 *
 *     yᵢ = max(xᵢ − θ, 0)        Σ yᵢ = scale        ∂θ/∂xᵢ = 1/k for the k elements above θ, ∂θ/∂scale = −1/k
 *
 * NaN where an element is NaN or the largest infinite. They are measured from the largest: what all have in common, which may be far more than `scale`,
 * takes no digits away.
 */
export const loweredTo = (values: Tree<Value>, scale: Value): Tree<Value> => {
  if (tree.size(values) === 0) return values
  // That it moves with them cancels out.
  const largest = stopGradient(tree.max(values))
  const below = tree.map((x) => sub(x, largest), values)
  const threshold = thresholdIn(below, scale)
  return tree.map((x) => {
    const lowered = sub(x, threshold)
    return where(lessEqual(lowered, 0), 0, lowered)
  }, below)
}

/** θ, as a lazy scalar. */
const thresholdIn = (values: Tree, scale: Value): Value => {
  const arrays = tree.leaves<Operand>(values).map((x) => cast(inArray(x), 'float64'))
  return sum(opaque(ofAll, [...arrays, inArray(scale)], { dtype: 'float64', shape: [1] }, { vjp }))
}

/** An array, and a number as an array of one. */
const inArray = (x: Operand): Operand => (isNumber(x) ? fullLike(new Float64Array(1), x) : x)

const isNumber = (x: Operand): x is Value => typeof x === 'number' || (x instanceof Expr && x.isScalar)

const ofAll: OpaqueFunction = (...operands) => {
  const scale = operands.at(-1)?.data[0] as number
  const lists = operands.slice(0, -1).map(({ data }) => data)
  const all = new Float64Array(lists.reduce((n, data) => n + data.length, 0))
  let at = 0
  for (const data of lists) {
    all.set(data, at)
    at += data.length
  }
  return Float64Array.of(thresholdOf(all, scale))
}

const vjp = (cotangent: Expr, operands: readonly Expr[], result: Expr): readonly Operand[] => {
  const threshold = sum(result)
  const isAbove = operands.slice(0, -1).map((x) => greater(x, threshold))
  const share = div(sum(cotangent), tree.sum(isAbove))
  return [...isAbove.map((above) => where(above, share, 0)), fullLike(operands.at(-1) as Expr, neg(share))]
}
