import {
  add,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  min,
  mul,
  nonNegative,
  positive,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByAdabound}. */
export interface ScaleByAdaboundOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Learning rate r at the end, as SGD has one, in multiples of Adam's; finite and > 0. @defaultValue `100` */
  readonly finalScale?: number
  /** How fast both bounds near r, finite and > 0. @defaultValue `1e-3` */
  readonly gamma?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAdabound}. */
export interface ScaleByAdaboundState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Adam that turns into SGD: what each element is multiplied by is kept between two bounds that close. AdaBound, without the
 * learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0, with r = finalScale and γ = gamma:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *     ηₜ = √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√vₜ + eps), but at least r (1 − 1 / (γ t + 1)) and at most r (1 + 1 / (γ t))
 *     uₜ = ηₜ mₜ
 *
 * Laws: elementwise; odd in the gradient; at first, when the bounds are wide, {@link scaleByAdam}; in the limit of many steps
 * r times `ema(b1, { debias: false })`.
 *
 * As in the authors' code, and unlike algorithm 1, the moments are corrected, and the bounds follow a schedule of the learning
 * rate. Their `final_lr = 0.1` with `lr = 1e-3` is `finalScale: 100`.
 *
 * @example
 * const tx = scaleByAdabound({ b1: 0, eps: 0, finalScale: 2, gamma: 1 })
 * const params = { w: [0, 0, 0] }
 * tx.update({ w: [-0.1, 0.5, 4] }, tx.init(params), params)[0] // => { w: [-0.4, 1, 4] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Luo et al. (2019), algorithm 2, {@link https://arxiv.org/abs/1902.09843}
 * @see scaleByAdam
 */
export const scaleByAdabound = (options: ScaleByAdaboundOptions = {}): GradientTransformation<ScaleByAdaboundState> => {
  const { b1, b2, eps, finalScale, gamma, muDtype, nuDtype } = withDefaults<Required<ScaleByAdaboundOptions>>(
    'scaleByAdabound',
    options,
    {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      finalScale: 100,
      gamma: 1e-3,
      muDtype: undefined,
      nuDtype: undefined
    }
  )
  check('scaleByAdabound', { b1, b2 }, inUnitInterval)
  check('scaleByAdabound', { eps }, nonNegative)
  check('scaleByAdabound', { finalScale, gamma }, positive)
  check('scaleByAdabound', { muDtype, nuDtype }, dtypeOption)

  return transformation<ScaleByAdaboundState>({
    origin: ['scaleByAdabound', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const correction = Math.sqrt(1 - integerPower(b2, count)) / (1 - integerPower(b1, count))
      const least = finalScale * (1 - 1 / (gamma * count + 1))
      const most = finalScale * (1 + 1 / (gamma * count))
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const scaled = tree.map(
        (g, m, v) => emitLike(mul(min(max(div(correction, add(sqrt(v), eps)), least), most), m), g),
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
