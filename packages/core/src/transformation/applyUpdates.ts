import type { Value } from '../expression/operations.js'
import { addUpdates } from './addUpdates.js'
import { evaluateTrees, inFormOf, isLazy, liftPair } from './edge.js'
import type { Given, Same } from './like.js'
import { Repeated } from './repeated.js'
import type { Tree } from './types.js'

/**
 * The params after an update: p + u for every leaf, in the dtype of p.
 *
 * @example
 * applyUpdates({ w: new Float32Array([1, 2]), b: 1 }, { w: new Float32Array([0.5, -1]), b: -3 })
 * // => { w: Float32Array [1.5, 1], b: -2 }
 *
 * @throws InvalidTree with the path, where the two do not have the same structure, shapes and dtypes.
 */
export const applyUpdates = <P>(params: P, updates: NoInfer<Given<P>>): Same<P> => {
  if (isLazy(params)) return sumOf(params, updates)[0] as Same<P>
  return repeated.run(() => {
    const [sum, p] = sumOf(params, updates)
    evaluateTrees(sum)
    return inFormOf(sum, p) as Same<P>
  })
}

const sumOf = (params: unknown, updates: unknown): readonly [sum: Tree<Value>, params: Tree<Value>] => {
  const [u, p] = liftPair('applyUpdates', updates, params, 'updates')
  return [addUpdates(p, u), p]
}

const repeated = /* @__PURE__ */ new Repeated()
