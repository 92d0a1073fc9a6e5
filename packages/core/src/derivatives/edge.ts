import { Kind } from '../array/dtype.js'
import { evaluation } from '../engine/edge.js'
import { InvalidOption, show } from '../errors.js'
import { Expr, shapeOf } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import { concrete, evaluateTrees, inFormOf, isLazy, liftTree } from '../transformation/edge.js'
import { Repeated } from '../transformation/repeated.js'
import type { Tree } from '../transformation/types.js'
import { leaves, map } from '../tree/tree.js'
import { type Recording, record, standIn } from './recording.js'

/** The function that is differentiated, without its types. */
export type Erased = (params: Tree, ...rest: readonly unknown[]) => unknown

/** Params as a function is called with them, each leaf a node of its own. */
export interface Inputs {
  readonly tree: Tree<Value>
  readonly nodes: readonly Expr[]
  readonly recording: Recording
}

/** What is given back: results of the function, and trees in the form of the params. */
export interface Built {
  readonly results?: unknown
  readonly alike?: Tree<Value>
}

/**
 * Makes a function of params out of one that builds expressions. Called with expressions, or while another function is being
 * differentiated, it gives expressions; called with arrays and numbers it evaluates all it gives, together and once.
 */
export const atEdge = (owner: string, build: (inputs: Inputs, arguments_: readonly unknown[]) => Built) => {
  const repeated = new Repeated()

  return (params: Tree, ...rest: readonly unknown[]): { readonly results?: unknown; readonly alike?: Tree } => {
    if (isLazy(params)) return record((recording) => build(inputsOf(owner, params, recording), rest))
    return evaluation(() =>
      repeated.run(() => {
        const [form, { results, alike }] = record((recording) => {
          const inputs = inputsOf(owner, params, recording)
          return [inputs.tree, build(inputs, rest)]
        })
        evaluateTrees(results, alike)
        const made = { results: concrete(results) }
        return alike === undefined ? made : { ...made, alike: inFormOf(alike, form) }
      })
    )
  }
}

const inputsOf = (owner: string, params: Tree, recording: Recording): Inputs => {
  const lifted = liftTree(owner, 'params', params)
  const tree = map(
    (given: unknown, x: Value): Value => (given instanceof Expr || !(x instanceof Expr) ? standIn(x, recording) : x),
    params,
    lifted
  )
  return { tree, nodes: leaves(tree) as Expr[], recording }
}

/** The result of a function as a lazy scalar, or a refusal. */
export const lossOf = (owner: string, result: unknown): Expr => {
  if (result instanceof Expr && result.kind === Kind.Scalar) return result
  const found =
    result instanceof Expr
      ? `an array of shape ${show(shapeOf(result))}`
      : typeof result === 'number'
        ? `the number ${show(result)}, which depends on no param`
        : show(result)
  throw new InvalidOption(`${owner}: f must give a lazy scalar, such as sum(x), got ${found}`)
}
