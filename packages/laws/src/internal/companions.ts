import {
  type AnyGradientTransformation,
  add,
  castLike,
  div,
  type EmptyState,
  mul,
  stateless,
  type Tree,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Momentum: a state that is a tree, and a count. */
export const momentum = (decay = 0.5): AnyGradientTransformation =>
  transformation<{ readonly count: number; readonly m: Tree }>({
    init: (params) => ({ count: 0, m: tree.zerosLike(params) }),
    update: (updates, { count, m }) => {
      const next = tree.map((g, v) => add(g, mul(decay, v)), updates, m)
      // Arrays of 16 bits are computed with in float32; the state stays what it was.
      return [next, { count: count + 1, m: tree.castLike(next, m) }]
    }
  })

/** Divides by 1 + the norm of everything: no element is on its own. */
export const shrinkByNorm = (): AnyGradientTransformation =>
  stateless((updates) => {
    const size = add(1, tree.norm(updates))
    return tree.map((g) => div(g, size), updates)
  })

/** Looks at the params. */
export const pullToZero = (): AnyGradientTransformation =>
  stateless((updates, params) => tree.map((g, p) => add(g, mul(0.5, p)), updates, params))

/** Multiplies by a number that is given with each update. */
export const scaleByValue = (): AnyGradientTransformation =>
  transformation<EmptyState, { readonly value: number }>({
    init: () => ({}),
    update: (updates, state, _params, { value }) => [tree.map((g) => castLike(mul(value, g), g), updates), state]
  })

/** Multiplies by a number that is known from the start. */
export const scaleBy = (value: number): AnyGradientTransformation =>
  stateless((updates) => tree.map((g) => castLike(mul(value, g), g), updates))
