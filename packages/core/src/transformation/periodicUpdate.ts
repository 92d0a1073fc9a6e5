import { check, nonNegativeInteger, positiveInteger } from '../check.js'
import { evaluateTrees, inFormOf, isLazy, liftPair } from './edge.js'
import type { Given, Same } from './like.js'

/**
 * A slow copy: the new values every `updatePeriod` steps, at steps 0, k, 2 k, …, and the old ones in between.
 *
 * @example
 * periodicUpdate({ w: 1 }, { w: 0 }, 9, 3) // => { w: 1 }
 * periodicUpdate({ w: 1 }, { w: 0 }, 10, 3) // => { w: 0 }
 *
 * @throws InvalidOption when `steps` is not a whole number ≥ 0 or `updatePeriod` not one ≥ 1; InvalidTree where the trees do
 * not fit.
 * @see Mnih et al. (2015), Human-level control through deep reinforcement learning, {@link https://doi.org/10.1038/nature14236}
 * @see incrementalUpdate
 */
export const periodicUpdate = <P>(
  newTree: NoInfer<Given<P>>,
  oldTree: P,
  steps: number,
  updatePeriod: number
): Same<P> => {
  check('periodicUpdate', { steps }, nonNegativeInteger)
  check('periodicUpdate', { updatePeriod }, positiveInteger)
  const [next, old] = liftPair('periodicUpdate', newTree, oldTree, 'newTree', 'oldTree')
  const chosen = steps % updatePeriod === 0 ? next : old
  if (isLazy(oldTree)) return chosen as Same<P>
  evaluateTrees(chosen)
  return inFormOf(chosen, old) as Same<P>
}
