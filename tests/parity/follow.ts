import { type AnyGradientTransformation, applyUpdates, averagedParams, ndarray, type Tree } from 'gradchain'
import { compareFlat, type Difference, flatten, SAME, scaleOf, worse } from './compare.js'
import { build, type DType, type FrameworkRun, type MakeArray } from './load.js'

/** The params after each step, and where they began. */
type Followed = Pick<FrameworkRun, 'tree' | 'params'>

/** What the test calls; which trees and states fit is the matter of other tests. */
interface Driven {
  readonly init: (params: unknown) => unknown
  readonly update: (updates: unknown, state: unknown, params: unknown) => readonly [unknown, unknown]
}
const applyTo = applyUpdates as (params: unknown, updates: unknown) => unknown

/** Whether this is the state of a wrapper that averages params, and does. */
const averages = (state: unknown): state is { readonly average: Tree } =>
  typeof state === 'object' && state !== null && 'average' in state && state.average !== null

/**
 * Follows a framework with our transformation, and returns the largest difference of params, or of their averages, on the way,
 * relative to the largest param that the leaf ever has.
 */
export const follow = (run: Followed, tx: AnyGradientTransformation, dtype: DType): Difference => {
  const { init, update } = tx as unknown as Driven
  const expected = run.params
  const scales = run.tree.leaves.map((_, leaf) => scaleOf(...expected.map((flat) => flat[leaf] ?? [])))
  let params: unknown = build(run.tree, run.tree.params, dtype, ndarray as MakeArray)
  let state = init(params)
  let worst = SAME
  for (const [step, gradient] of (run.tree.gradients.get('plain') ?? []).entries()) {
    const [updates, next] = update(build(run.tree, gradient, dtype, ndarray as MakeArray), state, params)
    params = applyTo(params, updates)
    state = next
    const found = flatten(run.tree, averages(state) ? averagedParams(state, params) : params, dtype)
    const place = (leaf: number) => `step ${step}: params ${run.tree.leaves[leaf]?.path}`
    worst = worse(worst, compareFlat(expected[step] ?? [], found, scales, dtype, place))
  }
  return worst
}
