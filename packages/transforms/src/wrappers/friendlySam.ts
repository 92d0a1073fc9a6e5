import {
  type AnyGradientTransformation,
  boolean,
  castLike,
  check,
  type Definition,
  type ExtraOf,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  neg,
  nonNegative,
  orSchedule,
  type StateOf,
  sub,
  type Tree,
  updateMoment,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { ofLength } from '../internal/ascent.js'
import { emitLike } from '../internal/emitLike.js'
import { samWith } from '../internal/samWith.js'
import { valueAt } from '../internal/valueAt.js'
import type { SamAsks, SamState } from './sam.js'

/** Options of {@link friendlySam}. */
export interface FriendlySamOptions<Opaque extends boolean = boolean> {
  /** Radius ρ of the neighbourhood, finite and ≥ 0, or a schedule. @defaultValue `0.05` */
  readonly rho?: ScalarOrSchedule
  /** How much of the mean gradient is taken away, σ, finite and ≥ 0. @defaultValue `1` */
  readonly sigma?: number
  /** Decay rate λ of the mean gradient, in `[0, 1]`. @defaultValue `0.9` */
  readonly lambda?: number
  /** Whether one update is a whole step, and the gradient uphill is asked from `gradFn`. @defaultValue `false` */
  readonly opaqueMode?: Opaque
}

/** State of the adversary of {@link friendlySam}. */
export interface FriendlySamAdversaryState {
  /** How many steps were made. */
  readonly count: number
  /** The mean m of the gradients so far, shaped like the params. */
  readonly mean: Tree
}

/** State of {@link friendlySam}. */
export type FriendlySamState<Inner> = SamState<Inner, FriendlySamAdversaryState>

/**
 * Friendly sharpness-aware minimisation: {@link sam} that goes uphill only along what is particular to a mini-batch; the direction
 * that all share is left out.
 *
 * For the gradient g at the params p, all leaves together, from m = 0:
 *
 *     m ← λ m + (1 − λ) g
 *     d = g − σ m
 *     ε = ρ d / ‖d‖
 *
 * and `optimizer` steps from p with the gradient at p + ε. Updates take turns as those of {@link sam} do: *every other one goes
 * uphill*; with `opaqueMode` one is a whole step, and `gradFn` is asked for the second gradient.
 *
 * Laws: with σ = 0, and with λ = 1, it is `sam` with `chain(normalize(), sgd(ρ))` for an adversary; ‖ε‖ = ρ unless d = 0, where ε = 0;
 * with ρ = 0 it is `optimizer`, given the second of each two gradients.
 *
 * It is as in the paper; the authors' code takes away the mean of the gradients before this one, and nothing at the first step.
 *
 * @param optimizer - what makes the steps.
 *
 * @example
 * const tx = friendlySam(scale(-0.5), { rho: 1, sigma: 2, lambda: 0.75 })
 * const params = { w: [0, 0] }
 * const [uphill, state] = tx.update({ w: [3, 4] }, tx.init(params), params)
 * uphill // => { w: [0.6, 0.8] }
 * state.advState.mean // => { w: [0.75, 1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what a schedule gives is no number,
 * and in opaque mode when gradFn is no function; InvalidTree when what it gives does not fit the params.
 * @see Li et al. (2024), Friendly Sharpness-Aware Minimization, algorithm 1, {@link https://arxiv.org/abs/2403.12350}
 * @see sam, asam, gsam
 */
export const friendlySam = <T extends AnyGradientTransformation, const Opaque extends boolean = false>(
  optimizer: T,
  options: FriendlySamOptions<Opaque> = {}
): GradientTransformation<FriendlySamState<StateOf<T>>, ExtraOf<T> & SamAsks<Opaque>> => {
  const { rho, sigma, lambda, opaqueMode } = withDefaults<Required<FriendlySamOptions>>('friendlySam', options, {
    rho: 0.05,
    sigma: 1,
    lambda: 0.9,
    opaqueMode: false
  })
  check('friendlySam', { rho }, orSchedule(nonNegative))
  check('friendlySam', { sigma }, nonNegative)
  check('friendlySam', { lambda }, inClosedUnitInterval)
  check('friendlySam', { opaqueMode }, boolean)
  const radiusAt = asSchedule(rho)

  const adversary: Definition<FriendlySamAdversaryState> = {
    init: (params) => ({ count: 0, mean: tree.zerosLike(tree.widen(params)) }),
    update: (updates, state) => {
      const mean = tree.map((g, m) => castLike(updateMoment(g, m, lambda, 1), m), updates, state.mean)
      const own = tree.map((g, m) => emitLike(sub(g, mul(sigma, m)), g), updates, mean)
      const uphill = ofLength(valueAt('friendlySam', radiusAt, state.count), own)
      return [tree.map(neg, uphill), { count: state.count + 1, mean }]
    }
  }
  const turns = { syncPeriod: 2, resetState: false, opaqueMode }
  return withOrigin(
    ['friendlySam', optimizer, { ...options }],
    samWith<T, FriendlySamAdversaryState, unknown, SamAsks<Opaque>>('friendlySam', optimizer, adversary, turns)
  )
}
