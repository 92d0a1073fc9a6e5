import type { Leaf, Tree } from '@gradchain/core'
import type { PerLeaf } from '../internal/perLeaf.js'

/**
 * Which leaves are meant: `true` or `false` for all of them; a tree of booleans shaped like the params, or like a prefix of
 * them, where one boolean stands for everything below it; or a function that makes either out of the params.
 *
 * `P` is what the function takes its argument to be; without an annotation it is a tree of arrays and numbers. `M` is the
 * type of a tree that is an interface. Both are inferred.
 */
export type Mask<P = Tree<Leaf>, M = never> = PerLeaf<boolean, P, M>
