import { applyUpdates as applied, InvalidTree, type NdArray } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type JsTree, numpy as np } from '@jax-js/jax'
import { arrays, isArray, isOnHost, refuseSpent } from './internal/library.js'
import { leavesOf, mapped } from './internal/record.js'
import { knownSum } from './internal/sums.js'

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
  if (!isFitting(params, updates)) refuse(params, updates)
  // The tree that comes out is the one that went in, with other arrays.
  return tree.map(sum as never, params as never, updates as never) as P
}

const isPair = (param: unknown, update: unknown): boolean =>
  isArray(param) &&
  isArray(update) &&
  param.ndim === update.ndim &&
  param.shape.every((n, axis) => n === update.shape[axis])

const isFitting = (params: unknown, updates: unknown): boolean => {
  try {
    return leavesOf(mapped(isPair, params, updates)).every(Boolean)
  } catch {
    return false
  }
}

/** Says where updates do not fit the params. */
const refuse = (params: unknown, updates: unknown): void => {
  tree.mapWithPath(
    (path, param: unknown, update: unknown) => {
      if (!isArray(param) || !isArray(update)) {
        throw new InvalidTree(`applyUpdates: params${path} and its update must be jax.Arrays`)
      }
      if (!isPair(param, update)) {
        throw new InvalidTree(`applyUpdates: updates${path} has shape [${update.shape}], params has [${param.shape}]`)
      }
      return null as never
    },
    params as never,
    updates as never
  )
}

const sum = (param: np.Array, update: np.Array): np.Array => {
  const { dtype } = param
  // An operation of jax-js costs more than what it does; and it has none on float16 everywhere.
  if ((dtype === update.dtype || dtype === np.float16) && isOnHost(param) && isOnHost(update)) {
    return addedHere(param, update)
  }
  const moved = np.add(param, update)
  return moved.dtype === dtype ? moved : moved.astype(dtype)
}

const addedHere = (param: np.Array, update: np.Array): np.Array => {
  const { fromHost, toHost } = arrays(param.device)
  const added = (): np.Array => {
    const { sum } = applied<{ sum: NdArray }>({ sum: toHost(param) }, { sum: toHost(update) })
    return fromHost(sum)
  }
  const array = knownSum(param, update) ?? added()
  param.dispose()
  update.dispose()
  return array
}
