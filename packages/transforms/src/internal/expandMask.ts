import { boolean, type Tree } from '@gradchain/core'
import type { Mask } from '../selection/mask.js'
import { checkPerLeaf, expandPerLeaf } from './perLeaf.js'

/**
 * Refuses, before there are params, a mask that holds anything but booleans; of a function it knows nothing.
 *
 * @throws InvalidOption that names the path.
 */
export const checkMask = <P, M>(owner: string, mask: Mask<P, M>, name = 'mask'): void =>
  checkPerLeaf(owner, name, mask, boolean)

/**
 * A boolean for every leaf of the params, out of a mask that a user gave.
 *
 * @throws InvalidTree where the mask has a node that the params have not; InvalidOption for a leaf that is no boolean. Both
 * name the path.
 */
export const expandMask = <P, M>(owner: string, mask: Mask<P, M>, params: Tree, name = 'mask'): Tree<boolean> =>
  expandPerLeaf(owner, name, mask, params, boolean)
