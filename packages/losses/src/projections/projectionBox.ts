import { evaluatedLike, type Given, InvalidOption, max, min, type Operand, type Same, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { beside } from '../internal/beside.js'

/**
 * The nearest tree whose every element lies between two bounds.
 *
 *     argmin ‖x − y‖²  over lower ≤ y ≤ upper        yᵢ = min(max(xᵢ, lowerᵢ), upperᵢ)
 *
 * A bound is a number for all, a tree like the params, or a prefix of one, where a number stands for all that is at and below its place;
 * ±∞ is no bound. Where the lower bound is above the upper, which is refused of numbers, the upper one holds. Arrays give arrays of the same
 * dtype, expressions give expressions; the derivative is 1 in the box and 0 outside, ½ on its border. NaN stays NaN.
 *
 * Optax 0.2.8 takes a number as a bound for a single array alone.
 *
 * Laws: elementwise; idempotent; no two trees come to be farther apart; what is in the box stays, bit for bit; moved with its bounds, a tree
 * is projected alike.
 *
 * @param lower - the least that may be.
 * @param upper - the most that may be.
 *
 * @example
 * projectionBox({ w: new Float32Array([-3, 0.5]), b: 7 }, -1, 2) // => { w: Float32Array [-1, 0.5], b: 2 }
 * projectionBox({ w: new Float32Array([-3, 0.5]), b: 7 }, { w: new Float32Array([0, 1]), b: 0 }, { w: 5, b: 3 })
 * // => { w: Float32Array [0, 1], b: 3 }
 *
 * @throws InvalidOption for a lower number above the upper one; InvalidTree with the path, for bounds that do not fit the params.
 * @see keepParamsInBox
 */
export const projectionBox = <P>(
  params: P,
  lower: NoInfer<Given<P>> | Tree,
  upper: NoInfer<Given<P>> | Tree
): Same<P> => {
  if (typeof lower === 'number' && typeof upper === 'number' && lower > upper) {
    throw new InvalidOption(`projectionBox: lower must be at most upper, ${upper}, got ${lower}`)
  }
  return evaluatedLike('projectionBox', params, (values) => {
    // What is given is a tree, or is refused here.
    const [a, b] = [lower, upper].map((bound, i) =>
      beside('projectionBox', NAMES[i] as string, bound as Tree, values, 'params')
    )
    return tree.map((x: Operand, from: Operand, to: Operand) => min(max(x, from), to), values, a as Tree, b as Tree)
  })
}

const NAMES = ['lower', 'upper']
