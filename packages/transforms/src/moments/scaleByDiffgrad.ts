import {
  abs,
  add,
  check,
  type DType,
  definitionOf,
  div,
  exp,
  type GradientTransformation,
  mul,
  neg,
  nonNegative,
  sqrt,
  sub,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { fromMoments } from '../internal/fromMoments.js'
import type { ScaleByAdamState } from './scaleByAdam.js'

/** Options of {@link scaleByDiffgrad}. */
export interface ScaleByDiffgradOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByDiffgrad}: that of Adam, and the last gradient. */
export interface ScaleByDiffgradState extends ScaleByAdamState {
  /** The update of the step before, shaped like the params. */
  readonly previous: Tree
}

/**
 * Adam that is slower where the gradient changes little: diffGrad, without the learning rate.
 *
 * Elementwise, for the update g = gₜ at step t = 1, 2, …, from m₀ = v₀ = g₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²         v̂ = vₜ / (1 − β₂ᵗ)
 *     ξₜ = 1 / (1 + exp(−|gₜ₋₁ − gₜ|))
 *     uₜ = ξₜ m̂ / (√v̂ + eps)
 *
 * Laws: elementwise; odd in the gradient; between half of {@link scaleByAdam} and all of it; a gradient that stays the same gives half.
 *
 * @example
 * const tx = scaleByDiffgrad({ eps: 0 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 100 }, tx.init(params), params)
 * first // => { w: 1 }
 * tx.update({ w: 100 }, state, params)[0] // => { w: 0.499… }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Dubey et al. (2019), equations 10 to 12, {@link https://arxiv.org/abs/1909.11015}
 * @see scaleByAdam
 */
export const scaleByDiffgrad = (options: ScaleByDiffgradOptions = {}): GradientTransformation<ScaleByDiffgradState> => {
  const { eps, ...kept } = withDefaults<Required<ScaleByDiffgradOptions>>('scaleByDiffgrad', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined
  })
  check('scaleByDiffgrad', { eps }, nonNegative)
  const adam = definitionOf(
    'scaleByDiffgrad',
    fromMoments('scaleByDiffgrad', kept, (_, mean, meanSquare) => div(mean, add(sqrt(meanSquare), eps)))
  )

  return transformation<ScaleByDiffgradState>({
    origin: ['scaleByDiffgrad', { ...options }],
    init: (params) => ({ ...adam.init(params), previous: tree.zerosLike(tree.widen(params), kept.muDtype) }),
    update: (updates, { previous, ...moments }, params) => {
      const [scaled, next] = adam.update(updates, moments, params, {})
      const slowed = tree.map(
        (u, g, last) => mul(div(1, add(1, exp(neg(abs(sub(last, g)))))), u),
        scaled,
        updates,
        previous
      )
      return [slowed, { ...next, previous: tree.castLike(updates, previous) }]
    }
  })
}
