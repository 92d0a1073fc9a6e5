import { add, castLike, type Value } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import type { Tree } from './types.js'

/** p + u for every leaf, in the dtype of p. */
export const addUpdates = (params: Tree<Value>, updates: Tree<Value>): Tree<Value> =>
  map((p, u) => castLike(add(p, u), p), params, updates)
