import { type AnyGradientTransformation, definitionOf, force, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { formOf } from './form.js'

/** A transformation without its types: laws call it with trees of every form. */
export interface Erased {
  readonly init: (params: unknown) => unknown
  readonly update: (
    updates: unknown,
    state: unknown,
    params: unknown,
    extra: unknown
  ) => readonly [updates: unknown, state: unknown]
}

/** Forgets the types. What its trees may be is a matter of the arbitraries. */
export const erase = (tx: AnyGradientTransformation): Erased => tx as unknown as Erased

/** Gives them back. */
export const asTransformation = (tx: Erased): AnyGradientTransformation => tx as unknown as AnyGradientTransformation

/**
 * The same behind a bare pair of functions, which is called with arrays only. In the middle of a chain over 16-bit params
 * the updates are float32: it rounds them to what ours take, as a user would.
 */
export const bare = (tx: AnyGradientTransformation): AnyGradientTransformation => {
  const { init, update } = erase(tx)
  return asTransformation({
    init: (params) => init.call(tx, params),
    update: (updates, state, params, extra) => {
      const fitting =
        formOf(updates) === formOf(params) ? updates : force(tree.castLike(updates as Tree, params as Tree))
      return update.call(tx, fitting, state, params, extra)
    }
  })
}

/** Whether it was made by `transformation`, and so can be called with expressions; a bare pair is wrapped anew each time. */
export const isLazyInside = (tx: AnyGradientTransformation): boolean =>
  definitionOf('laws', tx) === definitionOf('laws', tx)
