import { check, type Given, type Same, type Tree } from '@gradchain/core'
import { magnitude } from '../internal/scalars.js'
import { projectionBox } from './projectionBox.js'

/**
 * The nearest tree in a cube that has a corner at 0: {@link projectionBox} with the bounds 0 and `scale`.
 *
 *     argmin ‖x − y‖²  over 0 ≤ y ≤ scale
 *
 * Laws: those of projectionBox.
 *
 * @param scale - the length of the sides, ≥ 0; a tree of lengths like the params, or a prefix of one, makes it a box. `1` by default.
 *
 * @example
 * projectionHypercube({ w: new Float32Array([-3, 0.5]), b: 7 }) // => { w: Float32Array [0, 0.5], b: 1 }
 * projectionHypercube({ w: new Float32Array([-3, 0.5]), b: 7 }, { w: 0.25, b: 3 }) // => { w: Float32Array [0, 0.25], b: 3 }
 *
 * @throws InvalidOption for a number that is not finite and ≥ 0; InvalidTree with the path, for lengths that do not fit the params.
 */
export const projectionHypercube = <P>(params: P, scale: NoInfer<Given<P>> | Tree = 1): Same<P> => {
  if (typeof scale === 'number') check('projectionHypercube', { scale }, magnitude)
  return projectionBox(params, 0, scale)
}
