// Transformations to be wrapped in tests, one of each kind.
import {
  type AnyGradientTransformation,
  add,
  applyUpdates,
  div,
  type EmptyState,
  type GradientTransformation,
  mul,
  type StateOf,
  step,
  type Tree,
  transformation,
  transient
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { elementsOf, leavesOf, mapElements, mapLeaves, type Trajectory, type Values } from './trees.js'

/** State of {@link momentum}. */
export interface MomentumState {
  readonly count: number
  readonly velocity: Tree
}

/** u = v ← v/2 + g + p/8: elementwise, with a state, a count and an eye on the params. All exact on dyadic numbers. */
export const momentum = (): GradientTransformation<MomentumState> =>
  transformation<MomentumState>({
    init: (params) => ({ count: 0, velocity: tree.zerosLike(params) }),
    update: (updates, { count, velocity }, params) => {
      const pulled = tree.map((g, p) => add(g, mul(0.125, p)), updates, params)
      const next = tree.map((v, g) => add(mul(0.5, v), g), velocity, pulled)
      return [next, { count: count + 1, velocity: next }]
    }
  })

/** {@link momentum} as a user may write it, on raw arrays, with what it was called with. */
export const bareMomentum = () => {
  const calls: { readonly updates: Values; readonly params: Values }[] = []
  const inits: Values[] = []
  return {
    calls,
    inits,
    init: (params: Values): { count: number; velocity: Values } => {
      inits.push(params)
      return { count: 0, velocity: mapLeaves(params, (p) => mapElements(p, () => 0)) }
    },
    update: (updates: Values, state: { count: number; velocity: Values }, params: Values) => {
      calls.push({ updates, params })
      const old = leavesOf(state.velocity).map(elementsOf)
      const now = leavesOf(params).map(elementsOf)
      let at = 0
      const velocity = mapLeaves(updates, (g) => {
        const [v = [], p = []] = [old[at], now[at]]
        at++
        const round = typeof g === 'number' || g instanceof Float64Array ? Number : Math.fround
        return mapElements(g, (x, i) => round(round(0.5 * (v[i] ?? 0)) + round(x + round(0.125 * (p[i] ?? 0)))))
      })
      return [velocity, { count: state.count + 1, velocity }] as const
    }
  }
}

/** g ÷ Σ|g|², over the whole tree: what is not there must not count. */
export const normalise = () =>
  transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state) => {
      const norm = tree.squaredNorm(updates)
      return [tree.map((g) => div(g, norm), updates), state]
    }
  })

/** g × value, where the value comes with the update. */
export const timesValue = (): GradientTransformation<EmptyState, { readonly value: number }> =>
  transformation<EmptyState, { readonly value: number }>({
    init: () => ({}),
    update: (updates, state, _, { value }) => [tree.map((g) => mul(g, value), updates), state]
  })

/** What a run gives: the updates, the params after each of them, and the states. */
export interface Run<State> {
  readonly updates: readonly Values[]
  readonly params: readonly Values[]
  readonly states: readonly State[]
}

/** A transformation of trees of which nothing is known. */
export interface Plain {
  readonly init: (params: Values) => unknown
  readonly update: (updates: Values, state: unknown, params: Values, extra?: unknown) => readonly [Values, unknown]
}

/** A transformation, for generated trees: these are outside of what its types can check. */
export const plain = (tx: AnyGradientTransformation): Plain => tx as unknown as Plain

/** Updates, applied one after the other. */
export const run = <T extends AnyGradientTransformation>(tx: T, { params, grads }: Trajectory): Run<StateOf<T>> => {
  const { init, update } = plain(tx)
  let state = init(params)
  let current = params
  const found = { updates: [] as Values[], params: [] as Values[], states: [state as StateOf<T>] }
  for (const g of grads) {
    const [u, next] = update(g, state, current)
    current = applyUpdates(current, u)
    state = next
    found.updates.push(u)
    found.params.push(current)
    found.states.push(state as StateOf<T>)
  }
  return found
}

/** Params and state after each step, by `step`. */
export const steps = (tx: AnyGradientTransformation, { params, grads }: Trajectory): readonly unknown[] => {
  let current = params
  let state = plain(tx).init(params)
  return grads.map((g) => {
    ;[current, state] = step(plain(tx), g, state, current)
    return [current, state]
  })
}

/** Params and state after each step, by `transient`. */
export const stepsInPlace = (tx: AnyGradientTransformation, { params, grads }: Trajectory): readonly unknown[] => {
  const resident = transient(plain(tx), params, { scratchBytes: 2 ** 16 })
  const found = grads.map((g) => {
    resident.step(g)
    const snapshot = resident.snapshot()
    return [snapshot.params, snapshot.state]
  })
  resident.dispose()
  return found
}
