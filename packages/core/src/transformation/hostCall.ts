import { chosenEngine } from '../engine/chosen.js'
import { evaluation } from '../engine/edge.js'
import type { Leaf } from '../expression/expr.js'
import { walk } from '../tree/tree.js'
import { evaluateTrees, viewOf } from './edge.js'
import type { Tree } from './types.js'

/**
 * Calls a function on ordinary arrays in the middle of an update: for what has effects outside, such as talking to other processes. What
 * is pending is evaluated, and the function is given the arrays themselves, not copies: it must not write to them, nor keep them.
 *
 * A step makes the call once, in the order in which updates are built, whether `update`, `step` or `transient` makes it, and where values of a
 * device are read back, too. What is around it must not leave it out: a function that is never reached is never called.
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
export const hostCall = <R>(values: Tree, call: (arrays: Tree<Leaf>) => R): R => {
  // Of leaves that are done in groups there are no arrays yet: at a look into the tree who builds the update gives up, and builds it leaf by leaf.
  evaluateTrees(values)
  const arrays = walk('hostCall', ['values'], [values], ([leaf]) => viewOf(leaf)) as Tree<Leaf>
  // An evaluation of its own: an update that makes any is not built a second time for comparison.
  const make = (): R => evaluation(() => call(arrays))
  const once = chosenEngine()?.once
  return once === undefined ? make() : once(make)
}
