import {
  type AnyGradientTransformation,
  add,
  boolean,
  check,
  type ExtraOf,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  optional,
  orSchedule,
  type StateOf,
  sub,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { emitLike } from '../internal/emitLike.js'
import { twoGradientsEveryStep } from '../internal/twoGradients.js'
import { valueAt } from '../internal/valueAt.js'
import type { SamAsks } from './sam.js'

/** Options of {@link wsam}. */
export interface WsamOptions<Opaque extends boolean = boolean> {
  /** Radius ρ of the neighbourhood, finite and ≥ 0, or a schedule. @defaultValue `0.05` */
  readonly rho?: ScalarOrSchedule
  /** Weight γ of the sharpness, in `[0, 1)`. @defaultValue `0.9` */
  readonly gamma?: number
  /**
   * The learning rate η that the sharpness is descended with by itself, past `optimizer`; a finite number ≥ 0, or a schedule. Without
   * it `optimizer` is given the sum of both.
   */
  readonly decoupledRate?: ScalarOrSchedule | undefined
  /** Whether one update is a whole step, and the gradient uphill is asked from `gradFn`. @defaultValue `false` */
  readonly opaqueMode?: Opaque
}

/** State of {@link wsam}. */
export interface WsamState<Inner> {
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
 * Weighted sharpness-aware minimisation: the sharpness, how far the loss rises uphill, is a regulariser with a weight.
 *
 * For the gradient g at the params p and h at p + ε, all leaves together, with ω = γ / (1 − γ):
 *
 *     ε = ρ g / ‖g‖
 *
 * and `optimizer` steps from p with (1 − ω) g + ω h. Given a `decoupledRate` η it steps with g alone, and the sharpness is descended
 * beside it, as decoupled weight decay is:
 *
 *     u = optimizer(g) − η(t) ω (h − g)
 *
 * That is the authors' choice; η should be the learning rate of `optimizer`, which nothing here knows. Updates take turns as those of
 * {@link sam} do: *every other one goes uphill*; with `opaqueMode` one is a whole step, and `gradFn` is asked for h.
 *
 * Laws: with γ = 1/2 it is `sam` with `chain(normalize(), sgd(ρ))` for an adversary; with γ = 0 it is `optimizer`, given the first of
 * each two gradients; around gradient descent with the rate η both forms are the same.
 *
 * @param optimizer - what makes the steps.
 *
 * @example
 * const gradFn = ({ w }: { w: number }) => ({ w })
 * // f = w² / 2: the gradient is 4, and 6 uphill.
 * const tx = wsam(scale(-0.25), { rho: 2, gamma: 0.75, opaqueMode: true })
 * step(tx, { w: 4 }, tx.init({ w: 4 }), { w: 4 }, { gradFn })[0] // => { w: 1.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what a schedule gives is no number,
 * and in opaque mode when gradFn is no function; InvalidTree when what it gives does not fit the params.
 * @see Yue et al. (2023), Sharpness-Aware Minimization Revisited: Weighted Sharpness as a Regularization Term, algorithms 1 and
 * 2, {@link https://arxiv.org/abs/2305.15817}
 * @see sam, gsam
 */
export const wsam = <T extends AnyGradientTransformation, const Opaque extends boolean = false>(
  optimizer: T,
  options: WsamOptions<Opaque> = {}
): GradientTransformation<WsamState<StateOf<T>>, ExtraOf<T> & SamAsks<Opaque>> => {
  const { rho, gamma, decoupledRate, opaqueMode } = withDefaults<Required<WsamOptions>>('wsam', options, {
    rho: 0.05,
    gamma: 0.9,
    decoupledRate: undefined,
    opaqueMode: false
  })
  check('wsam', { rho }, orSchedule(nonNegative))
  check('wsam', { gamma }, inUnitInterval)
  check('wsam', { decoupledRate }, optional(orSchedule(nonNegative)))
  check('wsam', { opaqueMode }, boolean)
  const radius = asSchedule(rho)
  const rate = decoupledRate === undefined ? null : asSchedule(decoupledRate)
  const weight = gamma / (1 - gamma)

  const both = (first: Tree, second: Tree): Tree =>
    tree.map((g, h) => emitLike(add(mul(1 - weight, g), mul(weight, h)), h), first, second)

  const tx = twoGradientsEveryStep<T, SamAsks<Opaque>>('wsam', optimizer, opaqueMode, {
    radiusAt: (count) => valueAt('wsam', radius, count),
    merged: (first, second) => (rate === null ? both(first, second) : first),
    corrected: (steps, first, second, count) => {
      if (rate === null) return steps
      const share = weight * valueAt('wsam', rate, count)
      return tree.map((u, g, h) => emitLike(sub(u, mul(share, sub(h, g))), u), steps, first, second)
    }
  })
  return withOrigin(['wsam', optimizer, { ...options }], tx)
}
