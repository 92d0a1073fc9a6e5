import {
  add,
  check,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  mean,
  mul,
  neg,
  nonNegative,
  orSchedule,
  positive,
  sqrt,
  square,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { emitLike } from '../internal/emitLike.js'
import { checkPerLeaf, expandPerLeaf, type PerLeaf } from '../internal/perLeaf.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByAmos}. */
export interface ScaleByAmosOptions {
  /**
   * The size η that the elements of a leaf should come to, finite and > 0: one for all leaves, a tree of them or a prefix of one, or a
   * function of the params that gives either. @defaultValue `1`
   */
  readonly eta?: PerLeaf<number>
  /** Decay rate β of the mean square of gradients, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta?: number
  /** How soon weight decay falls, c, finite and ≥ 0. @defaultValue `0.25` */
  readonly cCoef?: number
  /** How soon steps become shorter, d, finite and ≥ 0. @defaultValue `0.25` */
  readonly dCoef?: number
  /** A decay κ beside that of the rule, finite and ≥ 0. @defaultValue `0` */
  readonly extraL2?: number
}

/** State of {@link scaleByAmos}. */
export interface ScaleByAmosState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean v of mean squares of the gradient, a number for each leaf. */
  readonly v: Tree
  /** How much was decayed, b, a number for each leaf. */
  readonly b: Tree
}

/**
 * Adam's steps, one second moment for each leaf, with a weight decay and a learning rate that fall as the rule itself finds out: Amos. It
 * emits whole updates, which descend by themselves.
 *
 * For each leaf g of the updates and p of the params at step t = 1, 2, …, with α = α(t − 1), from v₀ = b₀ = 0:
 *
 *     vₜ = β vₜ₋₁ + (1 − β) mean(g²)                     v̂ = vₜ / (1 − βᵗ)
 *     γ = α² mean(g²) / v̂ / √(1 + c √α bₜ₋₁)
 *     uₜ = −(α η g / √v̂ + (γ / 2 + κ) p) / (1 + d √(α η) bₜ₋₁)
 *     bₜ = bₜ₋₁ + γ (1 + bₜ₋₁)
 *
 * The paper lets several numbers v and b share the axes of a leaf; here a leaf has one of each, whatever its shape.
 *
 * Laws: odd in gradients and params together; blind to the scale of gradients; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the paper proposes 1 / √N for N batches in an epoch.
 *
 * @example
 * const tx = scaleByAmos(0.5, { eta: 2 })
 * tx.update({ w: [3, -3] }, tx.init({ w: [8, 0] }), { w: [8, 0] })[0] // => { w: [-2, 1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no number;
 * InvalidTree at init and update, where a tree of eta does not fit the params.
 * @see Tian and Parikh (2022), algorithm 1, {@link https://arxiv.org/abs/2210.11693}
 */
export const scaleByAmos = (
  learningRate: ScalarOrSchedule,
  options: ScaleByAmosOptions = {}
): GradientTransformation<ScaleByAmosState> => {
  const { eta, beta, cCoef, dCoef, extraL2 } = withDefaults<Required<ScaleByAmosOptions>>('scaleByAmos', options, {
    eta: 1,
    beta: 0.999,
    cCoef: 0.25,
    dCoef: 0.25,
    extraL2: 0
  })
  check('scaleByAmos', { learningRate }, orSchedule(nonNegative))
  checkPerLeaf('scaleByAmos', 'eta', eta, positive)
  check('scaleByAmos', { beta }, inUnitInterval)
  check('scaleByAmos', { cCoef, dCoef, extraL2 }, nonNegative)
  const rateAt = asSchedule(learningRate)
  const sizesFor = (params: Tree): Tree<number> => expandPerLeaf<number>('scaleByAmos', 'eta', eta, params, positive)

  return transformation<ScaleByAmosState>({
    origin: ['scaleByAmos', learningRate, { ...options }],
    init: (params) => {
      sizesFor(params)
      return { count: 0, v: tree.map(() => 0, params), b: tree.map(() => 0, params) }
    },
    update: (updates, state, params) => {
      const rate = valueAt('scaleByAmos', rateAt, state.count)
      const count = state.count + 1
      const weight = 1 - integerPower(beta, count)
      const squares = tree.map((g) => mean(square(g)), updates)
      const v = tree.map((x, kept) => updateMoment(x, kept, beta, 1), squares, state.v)
      // Where all gradients were 0, so is what is multiplied by this.
      const precisions = tree.map((x) => div(weight, max(x, LEAST)), v)
      const decays = tree.map(
        (x, precision, b) => div(mul(rate * rate, mul(precision, x)), sqrt(add(1, mul(cCoef * Math.sqrt(rate), b)))),
        squares,
        precisions,
        state.b
      )
      const steps = tree.map(
        (size: number, precision, g) => mul(mul(rate * size, sqrt(precision)), g),
        sizesFor(params),
        precisions,
        updates
      )
      const towards = tree.map((s, decay, p) => add(s, mul(add(mul(0.5, decay), extraL2), p)), steps, decays, params)
      const shares = tree.map(
        (size: number, b) => add(1, mul(dCoef * Math.sqrt(rate * size), b)),
        sizesFor(params),
        state.b
      )
      const emitted = tree.map((u, share, g) => emitLike(neg(div(u, share)), g), towards, shares, updates)
      const b = tree.map((kept, decay) => add(kept, mul(decay, add(1, kept))), state.b, decays)
      return [emitted, { count, v, b }]
    }
  })
}

/** A small normal number of float32. */
const LEAST = 2 ** -125
