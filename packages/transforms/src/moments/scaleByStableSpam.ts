import {
  abs,
  add,
  biasCorrection,
  check,
  type DType,
  div,
  type GradientTransformation,
  greater,
  inUnitInterval,
  maxOf,
  mul,
  nonNegative,
  norm,
  positiveInteger,
  type Requirement,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { quotient } from '../internal/quotient.js'

/** Options of {@link scaleByStableSpam}. */
export interface ScaleByStableSpamOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Decay rate γ₁ of the mean of the lengths of gradients, in `[0, 1)`. @defaultValue `0.7` */
  readonly gamma1?: number
  /** Decay rate γ₂ of the mean of their squares, in `[0, 1)`. @defaultValue `0.9` */
  readonly gamma2?: number
  /** Decay rate θ of the mean of the largest magnitudes, in `[0, 1)`. @defaultValue `0.999` */
  readonly theta?: number
  /** After how many updates the moments start afresh, a whole number ≥ 1; `Infinity` for never. @defaultValue `1000` */
  readonly resetPeriod?: number
  /** Added to both roots, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByStableSpam}. */
export interface ScaleByStableSpamState {
  /** How many updates were seen. */
  readonly count: number
  /** How many updates were seen since the last fresh start, the one it was made at included. */
  readonly age: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
  /** The mean of the largest magnitudes of each leaf, a number for each. */
  readonly largest: Tree
  /** The mean of the lengths of each leaf, a number for each. */
  readonly length: Tree
  /** The mean of the squared lengths of each leaf, a number for each. */
  readonly squaredLength: Tree
}

/**
 * Adam for gradients with spikes, as in training with 4 bits: what is larger than the largest element used to be is brought down to it,
 * every leaf is made as long as its history says, and the moments forget all now and then. Stable-SPAM, without the learning rate.
 *
 * For each leaf g at step t = 1, 2, …, k = 1, 2, … since the last fresh start, with all means from 0:
 *
 *     Mₜ = θ Mₜ₋₁ + (1 − θ) max|g|           M̂ = Mₜ / (1 − θᵏ)
 *     c = g M̂ / max|g| where |g| > M̂, else g
 *     nₜ = γ₁ nₜ₋₁ + (1 − γ₁) ‖c‖            n̂ = nₜ / (1 − γ₁ᵏ)
 *     sₜ = γ₂ sₜ₋₁ + (1 − γ₂) ‖c‖²           ŝ = sₜ / (1 − γ₂ᵏ)
 *     h = c / ‖c‖ · n̂ / (√ŝ + eps)           0 where c = 0
 *     k ← 1                                  where t is a multiple of resetPeriod
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) h              m̂ = mₜ / (1 − β₁ᵏ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) h²             v̂ = vₜ / (1 − β₂ᵏ)
 *     uₜ = m̂ / (√v̂ + eps)
 *     mₜ = vₜ = 0                            where t is a multiple of resetPeriod
 *
 * The program of the authors is followed where the paper has less: m and v are forgotten only behind the step that k begins anew with, and
 * M, n and s, which k corrects, are not, so that for a while M̂ is so large that nothing is brought down. The cosine for β₁ and γ₁ there, off
 * unless asked for, is left out.
 *
 * Laws: odd in the gradient; blind to its scale when eps = 0; with eps = 0 and equal gradients it is {@link scaleByAdam} up to
 * the first fresh start, but for rounding; each leaf is treated as if it were alone.
 *
 * @example
 * const tx = scaleByStableSpam({ theta: 0.5, b1: 0, b2: 0, eps: 0 })
 * const params = { w: Float64Array.of(0, 0) }
 * const [, state] = tx.update({ w: Float64Array.of(1, -1) }, tx.init(params), params)
 * state.largest // => { w: 0.5 }
 * tx.update({ w: Float64Array.of(5, 1) }, state, params)[1].largest // => { w: 2.75 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Huang et al. (2025), Stable-SPAM: How to Train in 4-Bit More Stably than 16-Bit Adam,
 * {@link https://arxiv.org/abs/2502.17055}
 * @see clipSpikes
 */
export const scaleByStableSpam = (
  options: ScaleByStableSpamOptions = {}
): GradientTransformation<ScaleByStableSpamState> => {
  const { b1, b2, gamma1, gamma2, theta, resetPeriod, eps, muDtype, nuDtype } = withDefaults<
    Required<ScaleByStableSpamOptions>
  >('scaleByStableSpam', options, {
    b1: 0.9,
    b2: 0.999,
    gamma1: 0.7,
    gamma2: 0.9,
    theta: 0.999,
    resetPeriod: 1000,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByStableSpam', { b1, b2, gamma1, gamma2, theta }, inUnitInterval)
  check('scaleByStableSpam', { resetPeriod }, orNever)
  check('scaleByStableSpam', { eps }, nonNegative)
  check('scaleByStableSpam', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByStableSpamState>({
    origin: ['scaleByStableSpam', { ...options }],
    init: (params) => ({
      count: 0,
      age: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype),
      largest: tree.map(() => 0, params),
      length: tree.map(() => 0, params),
      squaredLength: tree.map(() => 0, params)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const seen = state.age + 1
      const peaks = tree.map((g) => maxOf(abs(g)), updates)
      const largest = tree.map((peak, e) => updateMoment(peak, e, theta, 1), peaks, state.largest)
      const clipped = tree.map(
        (g, peak, e) => {
          const limit = biasCorrection(e, theta, seen)
          return where(greater(abs(g), limit), mul(quotient(g, peak), limit), g)
        },
        updates,
        peaks,
        largest
      )
      const lengths = tree.map((c) => norm(c), clipped)
      const length = tree.map((n, e) => updateMoment(n, e, gamma1, 1), lengths, state.length)
      const squaredLength = tree.map((n, e) => updateMoment(n, e, gamma2, 2), lengths, state.squaredLength)
      const scaled = tree.map(
        (c, n, mean, meanSquare) => {
          const root = sqrt(biasCorrection(meanSquare, gamma2, seen))
          return mul(quotient(c, n), div(biasCorrection(mean, gamma1, seen), add(root, eps)))
        },
        clipped,
        lengths,
        length,
        squaredLength
      )
      const isFresh = count % resetPeriod === 0
      const age = isFresh ? 1 : seen
      const mu = tree.map((h, m) => updateMoment(h, m, b1, 1), scaled, state.mu)
      const nu = tree.map((h, v) => updateMoment(h, v, b2, 2), scaled, state.nu)
      const emitted = tree.map(
        (g, m, v) => emitLike(div(biasCorrection(m, b1, age), add(sqrt(biasCorrection(v, b2, age)), eps)), g),
        updates,
        mu,
        nu
      )
      const next = {
        count,
        age,
        mu: isFresh ? tree.zerosLike(state.mu) : tree.castLike(mu, state.mu),
        nu: isFresh ? tree.zerosLike(state.nu) : tree.castLike(nu, state.nu),
        largest,
        length,
        squaredLength
      }
      return [emitted, next]
    }
  })
}

const orNever: Requirement = {
  what: 'a whole number ≥ 1 or Infinity',
  holds: (value) => value === Infinity || positiveInteger.holds(value)
}
