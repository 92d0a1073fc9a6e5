import {
  type AnyGradientTransformation,
  abs,
  add,
  boolean,
  check,
  type Definition,
  type ExtraOf,
  type GradientTransformation,
  mul,
  neg,
  nonNegative,
  orSchedule,
  type StateOf,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { ofLength } from '../internal/ascent.js'
import { samWith } from '../internal/samWith.js'
import { valueAt } from '../internal/valueAt.js'
import type { SamAsks, SamState } from './sam.js'

/** Options of {@link asam}. */
export interface AsamOptions<Opaque extends boolean = boolean> {
  /** Radius ρ of the neighbourhood, in units of the params; finite and ≥ 0, or a schedule. @defaultValue `0.5` */
  readonly rho?: ScalarOrSchedule
  /** Added to the size of each param, η, so that none is stuck at 0; finite and ≥ 0. @defaultValue `0.01` */
  readonly eta?: number
  /** Whether one update is a whole step, and the gradient uphill is asked from `gradFn`. @defaultValue `false` */
  readonly opaqueMode?: Opaque
}

/** State of the adversary of {@link asam}. */
export interface AsamAdversaryState {
  /** How many steps were made. */
  readonly count: number
}

/** State of {@link asam}. */
export type AsamState<Inner> = SamState<Inner, AsamAdversaryState>

/**
 * Adaptive sharpness-aware minimisation: {@link sam} whose neighbourhood is wider where params are larger, so that it does not
 * depend on the scale of the params.
 *
 * For the gradient g at the params p, all leaves together, with T = |p| + η elementwise:
 *
 *     ε = ρ T² g / ‖T g‖
 *
 * and `optimizer` steps from p with the gradient at p + ε. Updates take turns as those of {@link sam} do: *every other one goes
 * uphill*; with `opaqueMode` one is a whole step, and `gradFn` is asked for the second gradient.
 *
 * Laws: with η = 0, params that are c times as large, whose gradients are 1/c as large, are moved uphill c times as far; ε is no
 * longer than ρ · max T; with ρ = 0 it is `optimizer`, given the second of each two gradients.
 *
 * All leaves are normalised, where the authors' code leaves biases as they are.
 *
 * @param optimizer - what makes the steps.
 *
 * @example
 * const tx = asam(scale(-0.5), { rho: 0.5, eta: 0, opaqueMode: true })
 * const params = { w: 4 }
 * // f = w² / 2: uphill to 4 + 0.5 · 4 = 6
 * step(tx, { w: 4 }, tx.init(params), params, { gradFn: ({ w }: { w: number }) => ({ w }) })[0] // => { w: 1 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what a schedule gives is no number,
 * and in opaque mode when gradFn is no function; InvalidTree when what it gives does not fit the params.
 * @see Kwon et al. (2021), ASAM: Adaptive Sharpness-Aware Minimization for Scale-Invariant Learning of Deep Neural Networks,
 * algorithm 1, {@link https://arxiv.org/abs/2102.11600}
 * @see sam, gsam, friendlySam
 */
export const asam = <T extends AnyGradientTransformation, const Opaque extends boolean = false>(
  optimizer: T,
  options: AsamOptions<Opaque> = {}
): GradientTransformation<AsamState<StateOf<T>>, ExtraOf<T> & SamAsks<Opaque>> => {
  const { rho, eta, opaqueMode } = withDefaults<Required<AsamOptions>>('asam', options, {
    rho: 0.5,
    eta: 0.01,
    opaqueMode: false
  })
  check('asam', { rho }, orSchedule(nonNegative))
  check('asam', { eta }, nonNegative)
  check('asam', { opaqueMode }, boolean)
  const radiusAt = asSchedule(rho)

  const adversary: Definition<AsamAdversaryState> = {
    init: () => ({ count: 0 }),
    update: (updates, { count }, params) => {
      const sizes = tree.map((p) => add(abs(p), eta), params)
      const unit = ofLength(valueAt('asam', radiusAt, count), tree.mul(sizes, updates))
      return [tree.map((t, u) => neg(mul(t, u)), sizes, unit), { count: count + 1 }]
    }
  }
  const turns = { syncPeriod: 2, resetState: false, opaqueMode }
  return withOrigin(
    ['asam', optimizer, { ...options }],
    samWith<T, AsamAdversaryState, unknown, SamAsks<Opaque>>('asam', optimizer, adversary, turns)
  )
}
