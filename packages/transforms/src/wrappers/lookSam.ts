import {
  type AnyGradientTransformation,
  add,
  boolean,
  check,
  type ExtraOf,
  type GradientTransformation,
  mul,
  nonNegative,
  orSchedule,
  positiveInteger,
  type StateOf,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { across } from '../internal/ascent.js'
import { emitLike } from '../internal/emitLike.js'
import { quotient } from '../internal/quotient.js'
import { twoGradients } from '../internal/twoGradients.js'
import { valueAt } from '../internal/valueAt.js'
import type { SamAsks } from './sam.js'

/** Options of {@link lookSam}. */
export interface LookSamOptions<Opaque extends boolean = boolean> {
  /** Radius ρ of the neighbourhood, finite and ≥ 0, or a schedule. @defaultValue `0.05` */
  readonly rho?: ScalarOrSchedule
  /** Every how many steps one goes uphill, a whole number ≥ 1. @defaultValue `5` */
  readonly k?: number
  /** How much of the direction that was found uphill is added at the other steps, α, finite and ≥ 0. @defaultValue `0.7` */
  readonly alpha?: number
  /** Whether one update is a whole step, and the gradient uphill is asked from `gradFn`. @defaultValue `false` */
  readonly opaqueMode?: Opaque
}

/** State of {@link lookSam}. */
export interface LookSamState<Inner> {
  /** How many updates have gone uphill since the last step: 0 or 1, and 0 where one is a whole step. */
  readonly stepsSinceSync: number
  /** How many steps were made. */
  readonly count: number
  /** State of the optimizer. */
  readonly optState: Inner
  /** The params that the next step is made from, after an update uphill; `null` where one update is a whole step. */
  readonly cache: Tree
  /** The gradient at those params, shaped like them; `null` where one update is a whole step. */
  readonly gradient: Tree
  /** The part v of the last gradient uphill across the one at the params, shaped like them. */
  readonly direction: Tree
}

/**
 * Sharpness-aware minimisation that goes uphill only once in a while: {@link sam} at every k-th step, and what it found there is used
 * again at the others.
 *
 * For the gradient g at the params p, all leaves together, at step t = 0, 1, 2, …:
 *
 *     where k divides t, h being the gradient at p + ρ g / ‖g‖:
 *         v ← h − ⟨h, g⟩ / ‖g‖² g          the part of h across g
 *         `optimizer` steps with h
 *     elsewhere it steps with g + α ‖g‖ v / ‖v‖
 *
 * A step that goes uphill takes two updates, of which *the first makes params worse*; each other step takes one. With `opaqueMode`
 * every update is a step, and `gradFn` is asked for h where it is needed.
 *
 * Laws: with k = 1 it is `sam` with `chain(normalize(), sgd(ρ))` for an adversary; where it does not go uphill, what is added to g is
 * α times as long; with ρ = 0, where v = 0, it is `optimizer`, given a gradient for each step.
 *
 * @param optimizer - what makes the steps.
 *
 * @example
 * const tx = lookSam(scale(-1), { rho: 1, k: 2, alpha: 0.5, opaqueMode: true })
 * const gradFn = () => ({ w: [3, 2] })
 * const params = { w: [0, 0] }
 * const [first, state] = tx.update({ w: [4, 0] }, tx.init(params), params, { gradFn })
 * first // => { w: [-3, -2] }
 * tx.update({ w: [4, 0] }, state, params, { gradFn })[0] // => { w: [-4, -2] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what a schedule gives is no number,
 * and in opaque mode when gradFn is no function; InvalidTree when what it gives does not fit the params.
 * @see Liu et al. (2022), Towards Efficient and Scalable Sharpness-Aware Minimization, algorithm 1,
 * {@link https://arxiv.org/abs/2203.02714}
 * @see sam, gsam
 */
export const lookSam = <T extends AnyGradientTransformation, const Opaque extends boolean = false>(
  optimizer: T,
  options: LookSamOptions<Opaque> = {}
): GradientTransformation<LookSamState<StateOf<T>>, ExtraOf<T> & SamAsks<Opaque>> => {
  const { rho, k, alpha, opaqueMode } = withDefaults<Required<LookSamOptions>>('lookSam', options, {
    rho: 0.05,
    k: 5,
    alpha: 0.7,
    opaqueMode: false
  })
  check('lookSam', { rho }, orSchedule(nonNegative))
  check('lookSam', { k }, positiveInteger)
  check('lookSam', { alpha }, nonNegative)
  check('lookSam', { opaqueMode }, boolean)
  const radius = asSchedule(rho)

  return withOrigin(
    ['lookSam', optimizer, { ...options }],
    twoGradients<T, SamAsks<Opaque>>('lookSam', optimizer, opaqueMode, {
      radiusAt: (count) => valueAt('lookSam', radius, count),
      looks: (count) => count % k === 0,
      remembers: true,
      merged: (first, second, before) => [second, tree.castLike(across(second, first), before)],
      plain: (first, direction) => {
        const [long, short] = [mul(alpha, tree.norm(first)), tree.norm(direction)]
        return tree.map((g, v) => emitLike(add(g, mul(long, quotient(v, short))), g), first, direction)
      },
      corrected: (steps) => steps
    })
  )
}
