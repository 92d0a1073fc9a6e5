import { evaluation } from '../engine/edge.js'
import type { Value } from '../expression/operations.js'
import { type Computed, Packer, type Request } from '../grouping/packed.js'
import { addUpdates } from './addUpdates.js'
import { evaluateTrees, inFormOf, isLazy, liftPair } from './edge.js'
import type { Given, Same } from './like.js'
import { Repeated } from './repeated.js'
import { takeWide } from './taken.js'
import type { Tree } from './types.js'

/**
 * The params after an update: p + u for every leaf, in the dtype of p. Updates have the dtypes of the params; those of 16-bit
 * params may be float32, so that there is one rounding in place of two.
 *
 * @example
 * applyUpdates({ w: new Float32Array([1, 2]), b: 1 }, { w: new Float32Array([0.5, -1]), b: -3 })
 * // => { w: Float32Array [1.5, 1], b: -2 }
 *
 * @throws InvalidTree with the path, where the two do not have the same structure, shapes and dtypes.
 */
export const applyUpdates = <P>(params: P, updates: NoInfer<Given<P>>): Same<P> => {
  if (isLazy(params)) return sumOf(params, updates)[0] as Same<P>
  return evaluation(() =>
    repeated.run((course) => {
      const compute: Request['compute'] = ([p, u]) => [addUpdates(p as Tree<Value>, u as Tree<Value>), null]
      const computeLeaves = (): Computed => [sumOf(params, updates)[0], null]
      const request = { trees: [params, updates], state: null, compute, computeLeaves }
      const packed = course === null ? null : packer.run(request, course)
      if (packed !== null) return packed[0] as Same<P>
      const [sum, p] = sumOf(params, updates)
      evaluateTrees(sum)
      return inFormOf(sum, p) as Same<P>
    })
  )
}

const sumOf = (params: unknown, updates: unknown): readonly [sum: Tree<Value>, params: Tree<Value>] => {
  const [u, p] = liftPair('applyUpdates', updates, params, 'updates', 'params', takeWide)
  return [addUpdates(p, u), p]
}

const repeated = /* @__PURE__ */ new Repeated()
const packer = /* @__PURE__ */ new Packer()
