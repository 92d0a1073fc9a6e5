import {
  type AnyGradientTransformation,
  boolean,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  type Leaf,
  positiveInteger,
  type StateOf,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { samWith } from '../internal/samWith.js'

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
   * The gradient of the loss at other params, in their structure; i counts from 0 within an update. Params whose gradients are
   * `null`, or that are masked out, are `null` there, and their gradients must be. It is declared as a method so that it may take params of
   * one particular type.
   */
  gradFn(params: Tree<Leaf>, i: number): Tree<Leaf>
}

/** What an update needs beyond what its parts need: in opaque mode a function, otherwise nothing. */
export type SamAsks<Opaque extends boolean> = Opaque extends true ? SamExtra : unknown

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
 * @see Foret et al. (2020), Sharpness-Aware Minimization for Efficiently Improving Generalization, algorithm 1,
 * {@link https://arxiv.org/abs/2010.01412}
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
): GradientTransformation<SamState<StateOf<T>, StateOf<A>>, ExtraOf<T> & ExtraOf<A> & SamAsks<Opaque>> => {
  const uphill = definitionOf('sam', advOptimizer)
  const chosen = withDefaults<Required<SamOptions>>('sam', options, {
    syncPeriod: 2,
    resetState: true,
    opaqueMode: false
  })
  const { syncPeriod, resetState, opaqueMode } = chosen
  check('sam', { syncPeriod }, positiveInteger)
  check('sam', { resetState, opaqueMode }, boolean)

  return withOrigin(
    ['sam', optimizer, advOptimizer, { ...options }],
    samWith<T, StateOf<A>, ExtraOf<A>, SamAsks<Opaque>>('sam', optimizer, uphill, chosen)
  )
}
