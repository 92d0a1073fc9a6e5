// What the tests of transformations share: small transformations of every kind, and ways to look at what comes out.

import { norm } from '../algebra/index.js'
import { isNdArray } from '../array/ndarray.js'
import type { Engine } from '../engine/engine.js'
import { reference } from '../engine/reference.js'
import { add, div, min, mul } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import { transformation } from './transformation.js'
import type { EmptyState, GradientTransformation, Tree } from './types.js'

/** An engine that counts its evaluations and their roots. */
export const counting = (): { readonly engine: Engine; readonly evaluations: number[] } => {
  const evaluations: number[] = []
  const evaluate: Engine['evaluate'] = (roots) => {
    evaluations.push(roots.length)
    reference.evaluate(roots)
  }
  return { engine: { name: 'counting', evaluate }, evaluations }
}

/** u = k g */
export const scaled = (k: number): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({ init: () => ({}), update: (updates, state) => [map((g) => mul(g, k), updates), state] })

/** u = g min(1, most / ‖g‖): a reduction that feeds arrays. */
export const clipped = (most: number): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state) => {
      const factor = min(1, div(most, norm(updates)))
      return [map((g) => mul(g, factor), updates), state]
    }
  })

/** State of {@link traced}. */
export interface TracedState {
  readonly count: number
  readonly trace: Tree
}

/** t = g + decay t, u = t: updates and state are the same nodes. */
export const traced = (decay: number): GradientTransformation<TracedState> =>
  transformation<TracedState>({
    init: (params) => ({ count: 0, trace: map((p) => mul(p, 0), params) }),
    update: (updates, state) => {
      const trace = map((g, t) => add(g, mul(t, decay)), updates, state.trace)
      return [trace, { count: state.count + 1, trace }]
    }
  })

/** State of {@link remembering}. */
export interface RememberingState {
  readonly first: Tree
  readonly previous: Tree
  readonly again: Tree
}

/** u = g; the state holds on to params and gradients as they come, and to the gradients twice. */
export const remembering = (): GradientTransformation<RememberingState> =>
  transformation<RememberingState>({
    init: (params) => ({ first: params, previous: params, again: params }),
    update: (updates, state) => [updates, { first: state.first, previous: updates, again: updates }]
  })

/** The buffers of all arrays in a value, each as often as it is used. */
export const buffersOf = (value: unknown): ArrayBufferLike[] => {
  if (ArrayBuffer.isView(value)) return [value.buffer]
  if (typeof value !== 'object' || value === null) return []
  return isNdArray(value) ? [value.data.buffer] : Object.values(value).flatMap(buffersOf)
}

/** Whether the arrays in these values all have memory of their own. */
export const areApart = (...values: readonly unknown[]): boolean => {
  const buffers = values.flatMap(buffersOf)
  return new Set(buffers).size === buffers.length
}
