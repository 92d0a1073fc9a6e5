import { InvalidState, type Like, type Tree, type Valid } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type ObjectiveExtra, valueAndGradOf } from '../internal/objective.js'

/** A function that gives the loss and its gradient at params, out of a state or by computing them. */
export type ValueAndGradFromState = <P>(params: Valid<P>, state: unknown) => readonly [value: number, gradient: Like<P>]

/**
 * A function that gives the loss and its gradient at the params that a line search has led to: those that the search has seen last, and
 * keeps in its state. They are computed where it has not searched yet, or where its loss is not finite.
 *
 * What is given is what a search is handed: `{ valueFn }`, or `{ valueAndGradFn }`. The state may be that of a chain or of any wrapper, with
 * one line search somewhere in it. It is for a loss that is the same at every step, and for params that were updated as the search said:
 * what comes behind it in the chain must leave its updates alone.
 *
 * Laws: the loss and the gradient are those that are computed, to the bit.
 *
 * @example
 * const tx = chain(scale(-1), scaleByZoomLinesearch(15))
 * const loss = { valueFn: ({ w }: { w: Operand }) => mul(2, sumSquares(w)) }
 * const valueAndGradOf = valueAndGradFromState(loss)
 * let params = { w: new Float64Array([3, 4]) }
 * let state = tx.init(params)
 * const path: number[] = []
 * for (let t = 0; t < 2; t++) {
 *   const [value, grad] = valueAndGradOf(params, state)
 *   path.push(value)
 *   ;[params, state] = step(tx, grad, state, params, { value, grad, ...loss })
 * }
 * path // => [50, 0]
 *
 * @throws InvalidOption when there is no function; InvalidState for a state without a line search, or with several, and for one that
 * keeps no gradient.
 * @see scaleByZoomLinesearch, scaleByBacktrackingLinesearch
 */
export const valueAndGradFromState = (objective: ObjectiveExtra): ValueAndGradFromState => {
  const computed = valueAndGradOf('valueAndGradFromState', objective)
  return <P>(params: Valid<P>, state: unknown) => {
    const [value, grad] = seenLast(state)
    const known = Number.isFinite(value) ? [value, grad] : computed(params as Tree)
    // On the outside the type of the tree is kept; inside a state it is erased.
    return known as unknown as readonly [value: number, gradient: Like<P>]
  }
}

/** The loss and the gradient in a state: a number and a tree that stand beside how a search has ended. */
const seenLast = (state: unknown): readonly [value: unknown, grad: unknown] => {
  const grads = new Map<string, unknown>(tree.getAllWithPath(state, 'grad'))
  const infos = new Set(tree.getAllWithPath(state, 'info').map(([path]) => path))
  const found = tree.getAllWithPath(state, 'value').flatMap(([path, value]) => {
    const place = path.slice(0, -'.value'.length)
    const isSearch = infos.has(`${place}.info`) && grads.has(`${place}.grad`)
    return isSearch ? [{ path, value, grad: grads.get(`${place}.grad`) }] : []
  })
  const [first, second] = found
  if (first === undefined)
    throw new InvalidState('valueAndGradFromState: state must have a line search in it, has none')
  if (second !== undefined) {
    throw new InvalidState(
      `valueAndGradFromState: state must have one line search in it, has several: ${found.map(({ path }) => path).join(', ')}`
    )
  }
  if (first.grad === null) {
    throw new InvalidState(
      'valueAndGradFromState: state must keep the gradient, which scaleByBacktrackingLinesearch does with storeGrad'
    )
  }
  return [first.value, first.grad]
}
