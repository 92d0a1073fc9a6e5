import { applyUpdates as applied, InvalidTree, type NdArray } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type JsTree, numpy as np } from '@jax-js/jax'
import { arrays, isArray, isOnHost, refuseSpent } from './internal/library.js'

/**
 * The sum of params and updates, leaf by leaf, paired by their names. It consumes both, inside and outside of `jit`.
 *
 * A param keeps its dtype.
 *
 * @example
 * import { numpy as np } from '@jax-js/jax'
 * import { applyUpdates } from '@gradchain/jax-js'
 *
 * const moved = applyUpdates({ w: np.array([1, 2]) }, { w: np.array([0.5, -0.5]) })
 * moved.w.js() // => [1.5, 1.5]
 *
 * @throws InvalidTree when the structures or shapes differ, and for arrays that were freed, with the path.
 */
export const applyUpdates = <P extends JsTree<np.Array>>(params: P, updates: NoInfer<P>): P => {
  refuseSpent('applyUpdates', { params, updates })
  tree.mapWithPath(
    (path, param: unknown, update: unknown) => {
      if (!isArray(param) || !isArray(update)) {
        throw new InvalidTree(`applyUpdates: params${path} and its update must be jax.Arrays`)
      }
      if (`${param.shape}` !== `${update.shape}`) {
        throw new InvalidTree(`applyUpdates: updates${path} has shape [${update.shape}], params has [${param.shape}]`)
      }
      return null as never
    },
    params as never,
    updates as never
  )
  const sum = (param: np.Array, update: np.Array): np.Array => {
    const { dtype } = param
    // Where jax-js has no arithmetic on such arrays, we do.
    if (dtype === np.float16 && isOnHost(param) && isOnHost(update)) return addedHere(param, update)
    const moved = np.add(param, update)
    return moved.dtype === dtype ? moved : moved.astype(dtype)
  }
  // The tree that comes out is the one that went in, with other arrays.
  return tree.map(sum as never, params as never, updates as never) as P
}

const addedHere = (param: np.Array, update: np.Array): np.Array => {
  const { fromHost, toHost } = arrays(param.device)
  const { sum } = applied<{ sum: NdArray }>({ sum: toHost(param) }, { sum: toHost(update) })
  param.dispose()
  update.dispose()
  return fromHost(sum)
}
