import type { Operand } from '../expression/expr.js'
import { fullLike } from '../expression/operations.js'
import { filledIn, mayBeAbsent } from './absent.js'
import type { Tree } from './types.js'

/**
 * Gradients or updates with a number in place of those that are `null`, for those who write wrappers that take `null` (see
 * `takesNull` of {@link Definition}): −0, which leaves what it is added to as it is, or another, or what a function makes of the leaf that
 * another tree has there. Outside of such a step it is the tree itself.
 *
 * @example
 * const summed = (inner: ReturnType<typeof scale>) => {
 *   const { init, update } = definitionOf('summed', inner)
 *   return transformation({
 *     init: (params) => ({ sum: tree.zerosLike(params), innerState: init(params) }),
 *     update: (updates, state, params, extra) => {
 *       const [transformed, innerState] = update(updates, state.innerState, params, extra)
 *       return [transformed, { sum: tree.add(state.sum, fillAbsent(transformed, params)), innerState }]
 *     },
 *     takesNull: true
 *   })
 * }
 * const tx = summed(scale(2))
 * const [updates, { sum }] = tx.update({ a: 3, b: null }, tx.init({ a: 0, b: 5 }), { a: 0, b: 5 })
 * updates // => { a: 6, b: -0 }
 * sum // => { a: 6, b: 0 }
 */
export const fillAbsent = (
  updates: Tree,
  like: Tree,
  fill: number | ((leaf: Operand) => Operand | null) = -0
): Tree => {
  if (!mayBeAbsent()) return updates
  const made = typeof fill === 'number' ? (leaf: Operand): Operand => fullLike(leaf, fill) : fill
  return filledIn(updates, like, (leaf) => made(leaf as Operand)) as Tree
}
