import { check, inClosedUnitInterval } from '../check.js'
import { add, castLike, mul } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import { evaluateTrees, inFormOf, isLazy, liftPair } from './edge.js'
import type { Given, Same } from './like.js'

/**
 * A step from old values towards new ones, stepSize · new + (1 − stepSize) · old: the moving average of params and the
 * soft update of target networks.
 *
 * @example
 * incrementalUpdate({ w: new Float32Array([1, 2]) }, { w: new Float32Array([0, 0]) }, 0.25)
 * // => { w: Float32Array [0.25, 0.5] }
 *
 * @throws InvalidOption when `stepSize` is not in [0, 1]; InvalidTree where the trees do not fit.
 */
export const incrementalUpdate = <P>(newTree: NoInfer<Given<P>>, oldTree: P, stepSize: number): Same<P> => {
  check('incrementalUpdate', { stepSize }, inClosedUnitInterval)
  const [next, old] = liftPair('incrementalUpdate', newTree, oldTree, 'newTree', 'oldTree')
  const mixed = map((x, y) => castLike(add(mul(stepSize, x), mul(1 - stepSize, y)), y), next, old)
  if (isLazy(oldTree)) return mixed as Same<P>
  evaluateTrees(mixed)
  return inFormOf(mixed, old) as Same<P>
}
