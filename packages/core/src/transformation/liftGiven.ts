import type { Value } from '../expression/operations.js'
import { densify } from '../rows/densify.js'
import type { TouchedRows } from '../rows/types.js'
import { filledIn, othersIn } from './absent.js'
import { liftPair, liftTree } from './edge.js'
import type { Taking } from './taken.js'
import type { Tree } from './types.js'

/** What an update is given. */
export interface Given {
  readonly grads: Tree<Value>
  readonly params: Tree<Value>
  /** The gradients, with the params in place of those that are `null`; where there are none, it is they. */
  readonly form: Tree<Value>
  /** Which rows the gradients were of that came as sparse rows. */
  readonly touched: TouchedRows | null
}

/**
 * Gradients and params as expressions. What does not fit may be sparse rows, or a gradient that is `null`.
 *
 * @throws InvalidTree when it is neither.
 */
export const liftGiven = (owner: string, grads: Tree, params: Tree, taking?: Taking): Given => {
  try {
    const [lifted, own] = liftPair(owner, grads, params, 'grads', 'params', taking)
    return { grads: lifted, params: own, form: lifted, touched: null }
  } catch (error) {
    const { grads: dense, touched } = densify(owner, grads, params)
    if (touched !== null) return { ...liftGiven(owner, dense, params, taking), touched }
    const others = othersIn(params, grads) as Tree
    if (others === params) throw error
    const [lifted] = liftPair(owner, grads, others, 'grads', 'params', taking)
    const own = liftTree(owner, 'params', params)
    return { grads: lifted, params: own, form: filledIn(lifted, own, (param) => param) as Tree<Value>, touched }
  }
}
