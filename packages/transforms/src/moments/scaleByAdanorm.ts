import {
  add,
  biasCorrection,
  check,
  type DType,
  div,
  type GradientTransformation,
  greater,
  inUnitInterval,
  mul,
  nonNegative,
  norm,
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

/** Options of {@link scaleByAdanorm}. */
export interface ScaleByAdanormOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Decay rate γ of the mean of the lengths of gradients, in `[0, 1)`. @defaultValue `0.95` */
  readonly gamma?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAdanorm}. */
export interface ScaleByAdanormState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, of gradients that were lengthened, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
  /** The mean e of the lengths of each leaf, a number for each. */
  readonly norm: Tree
}

/**
 * Adam whose momentum gives no gradient less length than gradients have had on average: AdaNorm, without the learning rate. Short ones,
 * deep in training, keep their say.
 *
 * For each leaf g at step t = 1, 2, …, from m₀ = v₀ = 0 and e₀ = 0:
 *
 *     eₜ = γ eₜ₋₁ + (1 − γ) ‖g‖          s = g eₜ / ‖g‖ where eₜ > ‖g‖ > 0, else g
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) s          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = m̂ / (√v̂ + eps)
 *
 * Laws: odd in the gradient; blind to its scale when eps = 0; with γ = 0 it is {@link scaleByAdam}, and so it is for gradients that stay
 * the same or grow; each leaf is treated as if it were alone.
 *
 * e is not made up for its start, so that it lengthens nothing in the first steps. In pytorch_optimizer 3 it never leaves 0, and its
 * AdaNorm is Adam.
 *
 * @example
 * const tx = scaleByAdanorm({ b1: 0, b2: 0, gamma: 0.5, eps: 0 })
 * const params = { w: 0 }
 * const [, state] = tx.update({ w: 8 }, tx.init(params), params)
 * // The lengths 8 and 1 have the mean ½ (½ · 8) + ½ · 1.
 * tx.update({ w: -1 }, state, params)[0] // => { w: -2.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Dubey, Singh and Chaudhuri (2022), algorithm 2, {@link https://arxiv.org/abs/2210.06364}
 * @see scaleByAdam
 */
export const scaleByAdanorm = (options: ScaleByAdanormOptions = {}): GradientTransformation<ScaleByAdanormState> => {
  const { b1, b2, gamma, eps, muDtype, nuDtype } = withDefaults<Required<ScaleByAdanormOptions>>(
    'scaleByAdanorm',
    options,
    { b1: 0.9, b2: 0.999, gamma: 0.95, eps: 1e-8, muDtype: undefined, nuDtype: undefined }
  )
  check('scaleByAdanorm', { b1, b2, gamma }, inUnitInterval)
  check('scaleByAdanorm', { eps }, nonNegative)
  check('scaleByAdanorm', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByAdanormState>({
    origin: ['scaleByAdanorm', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype),
      norm: tree.map(() => 0, params)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const lengths = tree.map((g) => norm(g), updates)
      const means = tree.map((length, e) => updateMoment(length, e, gamma, 1), lengths, state.norm)
      const longer = tree.map(
        // Over the length first: a mean over it may be larger than any float32.
        (g, length, e) => where(greater(e, length), mul(quotient(g, length), e), g),
        updates,
        lengths,
        means
      )
      const mu = tree.map((s, m) => updateMoment(s, m, b1, 1), longer, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const scaled = tree.map(
        (g, m, v) => emitLike(div(biasCorrection(m, b1, count), add(sqrt(biasCorrection(v, b2, count)), eps)), g),
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu), norm: means }]
    }
  })
}
