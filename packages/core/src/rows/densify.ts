import type { Tree } from '../transformation/types.js'
import type { TouchedRows } from './types.js'

/** Gradients without sparse rows, and which rows there were. */
export interface Densified {
  readonly grads: Tree
  /** By the path of their param; `null` when no gradient had any. */
  readonly touched: TouchedRows | null
}

/** Gives gradients with arrays in place of sparse rows. */
export type Densify = (owner: string, grads: Tree, params: unknown) => Densified

let known: Densify = (_, grads) => ({ grads, touched: null })

/** Says how: who makes sparse rows, or something for them, does so first, that nobody else need carry it. */
export const densifyBy = (densify: Densify): void => {
  known = densify
}

/** Gradients with arrays in place of sparse rows, where there may be any. */
export const densify: Densify = (owner, grads, params) => known(owner, grads, params)
