import {
  type AnyGradientTransformation,
  boolean,
  castLike,
  check,
  definitionOf,
  type ExtraOf,
  force,
  type GradientTransformation,
  InvalidOption,
  type Leaf,
  neg,
  paramsAfter,
  positiveInteger,
  type StateOf,
  show,
  type Tree,
  transformation,
  updatesTo,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { isObject } from '../internal/requirements.js'

/** Options of {@link sam}. */
export interface SamOptions<Opaque extends boolean = boolean> {
  /** How many gradients make one step, all but the last going uphill; a whole number ≥ 1. @defaultValue `2` */
  readonly syncPeriod?: number
  /** Whether the adversary begins anew after each step. @defaultValue `true` */
  readonly resetState?: boolean
  /** Whether one update is a whole step, and the gradients uphill are asked from `gradFn`. @defaultValue `false` */
  readonly opaqueMode?: Opaque
}

/** State of {@link sam}. */
export interface SamState<Inner, Adversary> {
  /** How many updates have gone uphill since the last step; 0 where one is a whole step. */
  readonly stepsSinceSync: number
  /** State of the optimizer. */
  readonly optState: Inner
  /** State of the adversary. */
  readonly advState: Adversary
  /** The params that the next step is made from; `null` where one update is a whole step. */
  readonly cache: Tree
}

/** What an update of {@link sam} needs to be told in opaque mode. */
export interface SamExtra {
  /**
   * The gradient of the loss at other params, in their structure; i counts from 0 within an update. It is declared as a method so
   * that it may take params of one particular type.
   */
  gradFn(params: Tree<Leaf>, i: number): Tree<Leaf>
}

/** What an update needs: in opaque mode a function, otherwise nothing. */
type ExtraIn<
  Opaque extends boolean,
  T extends AnyGradientTransformation,
  A extends AnyGradientTransformation
> = ExtraOf<T> & ExtraOf<A> & (Opaque extends true ? SamExtra : unknown)

/**
 * Sharpness-aware minimisation: steps with the gradient of a point uphill, where the loss is large all around, by any optimizer.
 *
 * An adversary is a chain that descends, and is turned around; `chain(normalize(), sgd(0.05))` is SAM with ρ = 0.05. With k =
 * syncPeriod, from the params p, for the gradients g₁, g₂, …, gₖ, each at where the one before led to:
 *
 *     p + ε₁, p + ε₁ + ε₂, …           εᵢ = −adversary(gᵢ), for i < k
 *     p + optimizer(gₖ)                once, from p
 *
 * There are two ways to get the gradients uphill. By default every update is one gradient: k − 1 updates go uphill, *so params
 * get worse*, and every k-th is the step, from where they were before. Only then are params to be evaluated or kept. With
 * `opaqueMode` one update is a whole step, and the other gradients are asked from a function:
 *
 *     tx.update(grads, state, params, { gradFn: (params, i) => gradients(params) })
 *
 * It is called with arrays in the middle of an update: what is pending is evaluated for it, and a chain around is not one pass, but k.
 * In a `transient` the params are copied out for it, k − 1 times.
 *
 * Laws: with k = 1 it is `optimizer`; an adversary that does not move makes it one that gets the last of k gradients; both ways lead
 * to the same params.
 *
 * Unlike Optax both ways hand extra arguments on to the two transformations.
 *
 * @param optimizer - what makes the steps.
 * @param advOptimizer - the adversary.
 *
 * @example
 * const tx = sam(sgd(0.5), chain(normalize(), sgd(1)))
 * let params = { w: 3 }
 * let state = tx.init(params)
 * const path: number[] = []
 * for (let t = 0; t < 4; t++) {
 *   // f = w² / 2
 *   ;[params, state] = step(tx, { w: params.w }, state, params)
 *   path.push(params.w)
 * }
 * path // => [4, 1, 2, 0]
 *
 * const whole = sam(sgd(0.5), chain(normalize(), sgd(1)), { opaqueMode: true })
 * const gradFn = ({ w }: { w: number }) => ({ w })
 * step(whole, { w: 3 }, whole.init({ w: 3 }), { w: 3 }, { gradFn })[0] // => { w: 1 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, in opaque mode, when gradFn is no function;
 * InvalidTree when what it gives does not fit the params.
 * @see Foret et al. (2020), algorithm 1, {@link https://arxiv.org/abs/2010.01412}
 * @see normalize
 */
export const sam = <
  T extends AnyGradientTransformation,
  A extends AnyGradientTransformation,
  const Opaque extends boolean = false
>(
  optimizer: T,
  advOptimizer: A,
  options: SamOptions<Opaque> = {}
): GradientTransformation<SamState<StateOf<T>, StateOf<A>>, ExtraIn<Opaque, T, A>> => {
  const outer = definitionOf('sam', optimizer)
  const uphill = definitionOf('sam', advOptimizer)
  const { syncPeriod, resetState, opaqueMode } = withDefaults<Required<SamOptions>>('sam', options, {
    syncPeriod: 2,
    resetState: true,
    opaqueMode: false
  })
  check('sam', { syncPeriod }, positiveInteger)
  check('sam', { resetState, opaqueMode }, boolean)

  return transformation<SamState<StateOf<T>, StateOf<A>>, ExtraIn<Opaque, T, A>>({
    init: (params) => ({
      stepsSinceSync: 0,
      optState: outer.init(params),
      advState: uphill.init(params),
      cache: opaqueMode ? null : params
    }),
    update: (updates, state, params, extra) => {
      if (opaqueMode) {
        const gradientAt = gradFnOf(extra)
        let [grads, advState, at]: [Tree, StateOf<A>, Tree] = [updates, state.advState, params]
        for (let i = 0; i < syncPeriod - 1; i++) {
          const [downhill, next] = uphill.update(grads, advState, at, extra)
          advState = next
          const there = force(paramsAfter(at, tree.map(neg, downhill)))
          // Copies on both sides: what is handed over may be written to, and what comes back may be filled anew the next time.
          const found = tree.map(copyOf, gradientAt(tree.map(copyOf, there), i))
          grads = tree.map(castLike, found, params)
          at = tree.castLike(there, params)
        }
        const [steps, optState] = outer.update(grads, state.optState, params, extra)
        return [steps, { ...state, optState, advState: resetState ? uphill.init(params) : advState }]
      }

      const isFirst = state.stepsSinceSync === 0
      const cache = isFirst ? params : tree.castLike(state.cache, params)
      if (state.stepsSinceSync < syncPeriod - 1) {
        const [downhill, advState] = uphill.update(updates, state.advState, params, extra)
        return [tree.map(neg, downhill), { ...state, stepsSinceSync: state.stepsSinceSync + 1, advState, cache }]
      }
      const [steps, optState] = outer.update(updates, state.optState, cache, extra)
      const advState = resetState ? uphill.init(params) : state.advState
      const emitted = isFirst ? steps : updatesTo(params, paramsAfter(cache, steps))
      return [emitted, { stepsSinceSync: 0, optState, advState, cache }]
    }
  })
}

/** The function that a user gave along. */
const gradFnOf = (extra: unknown): SamExtra['gradFn'] => {
  const gradFn = isObject(extra) ? extra['gradFn'] : undefined
  if (!isGradFn(gradFn)) throw new InvalidOption(`sam: gradFn must be a function, got ${show(gradFn)}`)
  return gradFn
}

const isGradFn = (value: unknown): value is SamExtra['gradFn'] => typeof value === 'function'

const copyOf = (leaf: Leaf): Leaf => {
  if (typeof leaf === 'number') return leaf
  return 'shape' in leaf ? ({ ...leaf, data: leaf.data.slice() } as Leaf) : leaf.slice()
}
