import {
  type AnyGradientTransformation,
  biasCorrection,
  callable,
  check,
  type DType,
  definitionOf,
  div,
  type ExtraOf,
  type GradientTransformation,
  inUnitInterval,
  max,
  optional,
  positive,
  rms,
  type StateOf,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'

/** Options of {@link stableUpdates}. */
export interface StableUpdatesOptions<S = unknown> {
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.99` */
  readonly b2?: number
  /** The smallest root of a second moment that counts, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /**
   * Where in the state of `inner` the second moment stands that it keeps of the same gradients, with the same β₂; without it, one of its
   * own is kept.
   */
  readonly secondMoment?: ((innerState: S) => Tree) | undefined
  /** The dtype in which a second moment of its own is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link stableUpdates}. */
export interface StableUpdatesState<S> {
  /** How many updates were seen. */
  readonly count: number
  /** Second raw moment v, shaped like the params; `null` where that of `inner` is looked at. */
  readonly nu: Tree
  /** State of the inner transformation. */
  readonly innerState: S
}

/**
 * Shortens the updates of another transformation where gradients are larger than was known of them: the clipping of StableAdamW, which
 * spares a run the spikes of its loss.
 *
 * For each leaf with the gradient g and the update w of `inner`, at step t = 1, 2, …, from v₀ = 0:
 *
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²                         v̂ = vₜ / (1 − β₂ᵗ)
 *     u  = w / max(1, rms(g / max(√v̂, eps)))            rms(x) = √(Σx² / n)
 *
 * It works around any transformation: SGD, Lion or Muon, and around a whole optimizer it takes its weight decay and its learning rate
 * back, too. Around Adam there is no need to keep v twice:
 *
 *     stableUpdates(scaleByAdam({ b2: 0.99 }), { b2: 0.99, secondMoment: ({ nu }) => nu })
 *
 * Laws: |u| ≤ |w|; the first update is that of `inner`, and so is each of a gradient that stays the same; whether v is its own or that
 * of `inner` makes no difference; around scaleByAdam without momentum rms(u) ≤ 1; each leaf is treated as if it were alone, where `inner`
 * does so.
 *
 * @example
 * const tx = stableUpdates(identity(), { b2: 0.75 })
 * const params = { w: [0, 0] }
 * const [, state] = tx.update({ w: [1, 1] }, tx.init(params), params)
 * // v̂ = (0.75 + 7²) / 1.75, so that a gradient of 7 is 1.31… times what is known of it.
 * tx.update({ w: [7, -7] }, state, params)[0] // => { w: [5.33…, -5.33…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at init and update, as {@link transformation}, when what
 * `secondMoment` gives is not shaped like the params.
 * @see Wortsman et al. (2023), algorithm 2, {@link https://arxiv.org/abs/2304.13013}
 * @see clipByBlockRms, which bounds updates by what they are.
 */
export const stableUpdates = <T extends AnyGradientTransformation>(
  inner: T,
  options: StableUpdatesOptions<StateOf<T>> = {}
): GradientTransformation<StableUpdatesState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('stableUpdates', inner)
  const { b2, eps, secondMoment, nuDtype } = withDefaults<Required<StableUpdatesOptions<StateOf<T>>>>(
    'stableUpdates',
    options,
    { b2: 0.99, eps: 1e-8, secondMoment: undefined, nuDtype: undefined }
  )
  check('stableUpdates', { b2 }, inUnitInterval)
  check('stableUpdates', { eps }, positive)
  check('stableUpdates', { secondMoment }, optional(callable))
  check('stableUpdates', { nuDtype }, dtypeOption)

  return transformation<StableUpdatesState<StateOf<T>>, ExtraOf<T>>({
    origin: ['stableUpdates', inner, { ...options }],
    init: (params) => ({
      count: 0,
      nu: secondMoment === undefined ? tree.zerosLike(tree.widen(params), nuDtype) : null,
      innerState: init(params)
    }),
    update: (updates, state, params, extra) => {
      const count = state.count + 1
      const [steps, innerState] = update(updates, state.innerState, params, extra)
      const own = secondMoment === undefined
      const nu = own ? tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu) : secondMoment(innerState)
      const shortened = tree.map(
        (w, g, v) => div(w, max(1, rms(div(g, max(sqrt(biasCorrection(v, b2, count)), eps))))),
        steps,
        updates,
        nu
      )
      return [shortened, { count, nu: own ? tree.castLike(nu, state.nu) : null, innerState }]
    }
  })
}
