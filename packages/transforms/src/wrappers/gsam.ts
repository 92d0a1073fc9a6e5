import {
  type AnyGradientTransformation,
  boolean,
  check,
  type ExtraOf,
  finite,
  type GradientTransformation,
  mul,
  nonNegative,
  orSchedule,
  type StateOf,
  sub,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { across } from '../internal/ascent.js'
import { emitLike } from '../internal/emitLike.js'
import { twoGradientsEveryStep } from '../internal/twoGradients.js'
import { valueAt } from '../internal/valueAt.js'
import type { SamAsks } from './sam.js'

/** Options of {@link gsam}. */
export interface GsamOptions<Opaque extends boolean = boolean> {
  /** Radius ρ of the neighbourhood, finite and ≥ 0, or a schedule. @defaultValue `0.05` */
  readonly rho?: ScalarOrSchedule
  /** How much of the gradient's part across the one uphill is climbed, α, a finite number. @defaultValue `0.4` */
  readonly alpha?: number
  /** Whether one update is a whole step, and the gradient uphill is asked from `gradFn`. @defaultValue `false` */
  readonly opaqueMode?: Opaque
}

/** State of {@link gsam}. */
export interface GsamState<Inner> {
  /** How many updates have gone uphill since the last step: 0 or 1, and 0 where one is a whole step. */
  readonly stepsSinceSync: number
  /** How many steps were made. */
  readonly count: number
  /** State of the optimizer. */
  readonly optState: Inner
  /** The params that the next step is made from; `null` where one update is a whole step. */
  readonly cache: Tree
  /** The gradient at those params, shaped like them; `null` where one update is a whole step. */
  readonly gradient: Tree
}

/**
 * Sharpness-aware minimisation of the surrogate gap: {@link sam} that also lessens how far the loss rises uphill, where that costs
 * the loss uphill nothing.
 *
 * For the gradient g at the params p and h at p + ε, all leaves together:
 *
 *     ε  = ρ g / ‖g‖
 *     g⊥ = g − ⟨g, h⟩ / ‖h‖² h          the part of g across h
 *
 * and `optimizer` steps from p with h − α g⊥. Updates take turns as those of {@link sam} do: *every other one goes uphill*; with
 * `opaqueMode` one is a whole step, and `gradFn` is asked for h. The authors let ρ fall with the learning rate; a schedule of it
 * counts steps.
 *
 * Laws: with α = 0 it is `sam` with `chain(normalize(), sgd(ρ))` for an adversary; what is added to h is orthogonal to it; with ρ = 0, where
 * both gradients are the same, it is `optimizer`.
 *
 * @param optimizer - what makes the steps.
 *
 * @example
 * const tx = gsam(scale(-1), { rho: 1, alpha: 0.5 })
 * const params = { w: [0, 0] }
 * const [uphill, state] = tx.update({ w: [3, 0] }, tx.init(params), params)
 * uphill // => { w: [1, 0] }
 * // All of the first gradient is across the second.
 * step(tx, { w: [0, 2] }, state, applyUpdates(params, uphill))[0] // => { w: [1.5, -2] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what a schedule gives is no number,
 * and in opaque mode when gradFn is no function; InvalidTree when what it gives does not fit the params.
 * @see Zhuang et al. (2022), Surrogate Gap Minimization Improves Sharpness-Aware Training, algorithm 1,
 * {@link https://arxiv.org/abs/2203.08065}
 * @see sam, wsam, lookSam
 */
export const gsam = <T extends AnyGradientTransformation, const Opaque extends boolean = false>(
  optimizer: T,
  options: GsamOptions<Opaque> = {}
): GradientTransformation<GsamState<StateOf<T>>, ExtraOf<T> & SamAsks<Opaque>> => {
  const { rho, alpha, opaqueMode } = withDefaults<Required<GsamOptions>>('gsam', options, {
    rho: 0.05,
    alpha: 0.4,
    opaqueMode: false
  })
  check('gsam', { rho }, orSchedule(nonNegative))
  check('gsam', { alpha }, finite)
  check('gsam', { opaqueMode }, boolean)
  const radius = asSchedule(rho)

  const merged = (first: Tree, second: Tree): Tree =>
    alpha === 0 ? second : tree.map((h, a) => emitLike(sub(h, mul(alpha, a)), h), second, across(first, second))

  const tx = twoGradientsEveryStep<T, SamAsks<Opaque>>('gsam', optimizer, opaqueMode, {
    radiusAt: (count) => valueAt('gsam', radius, count),
    merged,
    corrected: (steps) => steps
  })
  return withOrigin(['gsam', optimizer, { ...options }], tx)
}
