import type { Leaf, Tree } from '@gradchain/core'
import { selectByPath } from '../internal/selectByPath.js'
import type { PathSelector } from './byPath.js'

/**
 * A mask that is `true` for all leaves but those at certain paths: the opposite of {@link byPath}, with the same patterns.
 *
 * Laws: everywhere the negation of {@link byPath}.
 *
 * @param selector - a pattern, a list of patterns, or a function of path and leaf.
 *
 * @example
 * // No weight decay for biases and norms.
 * const tx = addDecayedWeights(0.5, { mask: notByPath(['**.bias', '**.norm*.**']) })
 * const params = { dense: { kernel: 2, bias: 2 }, norm1: { scale: 2 } }
 * const grads = { dense: { kernel: 0, bias: 0 }, norm1: { scale: 0 } }
 * tx.update(grads, tx.init(params), params)[0] // => { dense: { kernel: 1, bias: 0 }, norm1: { scale: 0 } }
 *
 * @throws InvalidOption for a pattern that cannot be read, and for an empty list; InvalidTree, where the mask is used, for a
 * pattern that matches nothing.
 * @see byPath
 */
export const notByPath = (selector: PathSelector): ((params: Tree<Leaf>) => Tree<boolean>) =>
  selectByPath('notByPath', selector, false)
