import { lend } from '../array/lent.js'
import { chosenEngine, isEngineAsked } from '../engine/chosen.js'
import { atEnd, evaluation, isOutermost } from '../engine/edge.js'
import type { Leaf } from '../expression/expr.js'
import { walk } from '../tree/tree.js'
import { evaluateTrees, viewOf } from './edge.js'
import type { Tree } from './types.js'

/**
 * Lends memory to the evaluation that a call is made in: an array over it may be what the call makes, and nobody reads it any more when `ended` is called. Where
 * it would be handed on, as a result or in a state, it is copied.
 */
export type Lend = (memory: ArrayBuffer, ended: () => void) => void

/**
 * Calls a function on ordinary arrays in the middle of an update: for what has effects outside, such as talking to other processes. What
 * is pending is evaluated, and the function is given the arrays themselves, not copies: it must not write to them, nor keep them.
 *
 * A step makes the call once, in the order in which updates are built, whether `update`, `step` or `transient` makes it, and where values of a
 * device are read back, too. What is around it must not leave it out: a function that is never reached is never called.
 *
 * What the function makes may lie in the same memory in every step, where it is given a second argument: `lend(memory, ended)` says so.
 * It is `null` where nobody knows when that memory is free again: where an update builds expressions for someone else to evaluate, and on devices.
 *
 * @param values - a tree of expressions or arrays.
 * @param call - the function. What it returns is what `hostCall` returns.
 *
 * @example
 * import { hostCall } from '@gradchain/core/engine'
 *
 * const seen: unknown[] = []
 * const watching = stateless((updates) => {
 *   hostCall(updates, (arrays) => seen.push(structuredClone(arrays)))
 *   return updates
 * })
 * const tx = chain(scale(2), watching)
 * tx.update({ w: new Float32Array([1, 2]) }, tx.init({ w: 0 }), { w: new Float32Array(2) })
 * seen // => [{ w: Float32Array [2, 4] }]
 *
 * @throws whatever the function throws; InvalidOption, on a device, where values may not be read back.
 * @see opaque, for functions without effects.
 */
export const hostCall = <R>(values: Tree, call: (arrays: Tree<Leaf>, lend: Lend | null) => R): R => {
  // Of leaves that are done in groups there are no arrays yet: at a look into the tree who builds the update gives up, and builds it leaf by leaf.
  evaluateTrees(values)
  const arrays = walk('hostCall', ['values'], [values], ([leaf]) => viewOf(leaf)) as Tree<Leaf>
  const once = chosenEngine()?.once
  const lending = isOutermost() && !isEngineAsked() && once === undefined ? lendUntilEnd : null
  // An evaluation of its own: an update that makes any is not built a second time for comparison.
  const make = (): R => evaluation(() => call(arrays, lending))
  return once === undefined ? make() : once(make)
}

const lendUntilEnd: Lend = (memory, ended) => {
  lend(memory)
  atEnd(ended)
}
