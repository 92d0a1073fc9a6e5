import { norm } from '../algebra/index.js'
import { read } from '../engine/evaluate.js'
import { liftTree } from './edge.js'
import type { Valid } from './valid.js'

/**
 * √Σx² over all elements of all leaves, in float64.
 *
 * @example
 * globalNorm({ w: new Float32Array([2, 2]), b: 1 }) // => 3
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const globalNorm = <P>(tree: Valid<P>): number => read(norm(liftTree('globalNorm', 'tree', tree)))
