import type { Leaf, Tree } from '@gradchain/core'
import { type PathSelector, selectByPath } from '../internal/selectByPath.js'

export type { PathSelector } from '../internal/selectByPath.js'

/**
 * A mask that is `true` for the leaves at certain paths, for whatever takes a mask: `masked`, `freeze`,
 * `addDecayedWeights` and the aliases that decay.
 *
 * A pattern is a path as error messages write it, of which the first dot may be left out:
 *
 *     .dense.kernel      that leaf
 *     .layers[0].bias    an index stands in brackets, and so does a key that is no identifier: ["conv 1"], ["a.b"]
 *     .layers[*].bias    [*] is any index
 *     .*.bias            * is any one part, a key or an index; inside a name, any characters: .norm_*
 *     **.bias            ** is any number of parts, also none
 *
 * A pattern says the whole path: `backbone` is a leaf of that name, `backbone.**` all that is below. One that matches
 * nothing is an error, as it is a misspelling; where a surrounding mask has taken leaves out, their places count.
 *
 * Laws: a list is true where one of its patterns is; `'**'` is everywhere true; `tree.paths` gives patterns that match
 * their own leaf and no other.
 *
 * @param selector - a pattern, a list of patterns, or a function of path and leaf.
 *
 * @example
 * const params = { backbone: [1, 2], head: { kernel: 3, bias: 4 } }
 * byPath('backbone.**')(params) // => { backbone: [true, true], head: { kernel: false, bias: false } }
 * byPath(['backbone[0]', '**.bias'])(params) // => { backbone: [true, false], head: { kernel: false, bias: true } }
 * byPath('**.biass')(params) // => throws InvalidTree: byPath: the pattern "**.biass" matches no leaf of the params; …
 *
 * @example
 * // A frozen backbone.
 * const tx = chain(scale(-0.1), freeze(byPath('backbone.**')))
 *
 * @throws InvalidOption for a pattern that cannot be read, and for an empty list; InvalidTree, where the mask is used, for a
 * pattern that matches nothing.
 * @see notByPath, labelByPath
 */
export const byPath = (selector: PathSelector): ((params: Tree<Leaf>) => Tree<boolean>) =>
  selectByPath('byPath', selector, true)
