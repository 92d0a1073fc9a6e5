import { leftOut, mayBeAbsent } from './absent.js'
import type { Tree } from './types.js'

/**
 * A tree like the params with `null` wherever gradients or updates are `null`, for those who write wrappers that take `null`
 * (see `takesNull` of {@link Definition}). Outside of such a step it is the tree itself.
 *
 * @example
 * const decayed = transformation({
 *   init: () => ({}),
 *   update: (updates, state, params) => [tree.addScale(updates, 0.5, leaveOutAbsent(params, updates)), state],
 *   takesNull: true
 * })
 * decayed.update({ a: 3, b: null }, {}, { a: 2, b: 5 })[0] // => { a: 4, b: -0 }
 */
export const leaveOutAbsent = (values: Tree, updates: Tree): Tree =>
  mayBeAbsent() ? (leftOut(values, updates) as Tree) : values
