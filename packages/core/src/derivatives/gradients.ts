import { InvalidOption, show } from '../errors.js'
import type { Expr } from '../expression/expr.js'
import { Cotangent } from '../expression/operations/cotangent.js'
import type { Value } from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import { unflatten } from '../tree/tree.js'
import { type Erased, type Inputs, lossOf } from './edge.js'
import { reverse } from './reverse.js'

/** A loss, what the function gave besides, and the gradient. */
interface Gradients {
  readonly loss: Expr
  readonly aux: unknown
  readonly gradients: Tree<Value>
}

/** Calls a function that gives a loss, or a pair of a loss and something else, and differentiates it. */
export const gradientsOf = (
  owner: string,
  f: Erased,
  { tree, nodes, recording }: Inputs,
  rest: readonly unknown[],
  hasAux = false
): Gradients => {
  const result = f(tree, ...rest)
  const [given, aux] = hasAux ? pairOf(owner, result) : [result, null]
  const loss = lossOf(owner, given)
  const found = reverse(owner, [{ result: loss, cotangent: new Cotangent(null) }], nodes, recording)
  return { loss, aux, gradients: unflatten(tree, found) }
}

const pairOf = (owner: string, result: unknown): readonly [unknown, unknown] => {
  if (Array.isArray(result) && result.length === 2) return [result[0], result[1]]
  throw new InvalidOption(`${owner}: with hasAux f must give a pair [loss, aux], got ${show(result)}`)
}
