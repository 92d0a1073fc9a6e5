import {
  add,
  biasCorrection,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  min,
  mul,
  nonNegative,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByAdamod}. */
export interface ScaleByAdamodOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Decay rate β₃ of the mean of step sizes, in `[0, 1)`. @defaultValue `0.999` */
  readonly b3?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAdamod}. */
export interface ScaleByAdamodState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
  /** The mean s of the step sizes so far, shaped like the params. */
  readonly rates: Tree
}

/**
 * Adam whose step sizes are at most their own mean: AdaMod, without the learning rate. A sudden large one is held back, and so are those
 * of the first steps, as by a warm-up.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = s₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     ηₜ = 1 / (√v̂ + eps)
 *     sₜ = β₃ sₜ₋₁ + (1 − β₃) ηₜ
 *     uₜ = min(ηₜ, sₜ) m̂
 *
 * In the paper the mean is of step sizes times the learning rate, which is the same while that stays the same.
 *
 * Laws: elementwise; odd in the gradient; |u| is at most that of {@link scaleByAdam}, which it is with β₃ = 0.
 *
 * @example
 * const tx = scaleByAdamod({ b3: 0.75, eps: 0 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 0.25 }
 * tx.update({ w: 4 }, state, params)[0].w.toFixed(6) // => '0.437500'
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Ding, Ren, Luo and Sun (2019), algorithm 1, {@link https://arxiv.org/abs/1910.12249}
 * @see scaleByAdam
 */
export const scaleByAdamod = (options: ScaleByAdamodOptions = {}): GradientTransformation<ScaleByAdamodState> => {
  const { b1, b2, b3, eps, muDtype, nuDtype } = withDefaults<Required<ScaleByAdamodOptions>>('scaleByAdamod', options, {
    b1: 0.9,
    b2: 0.999,
    b3: 0.999,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByAdamod', { b1, b2, b3 }, inUnitInterval)
  check('scaleByAdamod', { eps }, nonNegative)
  check('scaleByAdamod', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByAdamodState>({
    origin: ['scaleByAdamod', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype),
      rates: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const sizes = tree.map((v) => div(1, add(sqrt(biasCorrection(v, b2, count)), eps)), nu)
      const rates = tree.map((size, mean) => updateMoment(size, mean, b3, 1), sizes, state.rates)
      const bounded = tree.map((size, mean) => min(size, mean), sizes, rates)
      const scaled = tree.map(
        (g, m, size) => emitLike(mul(size, biasCorrection(m, b1, count)), g),
        updates,
        mu,
        bounded
      )
      const next = {
        count,
        mu: tree.castLike(mu, state.mu),
        nu: tree.castLike(nu, state.nu),
        rates: tree.castLike(rates, state.rates)
      }
      return [scaled, next]
    }
  })
}
