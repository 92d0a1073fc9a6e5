import {
  add,
  check,
  div,
  equal,
  type GradientTransformation,
  mul,
  nonNegative,
  sqrt,
  square,
  type Tree,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByKate}. */
export interface ScaleByKateOptions {
  /** Weight η of squared gradients in the numerator, finite and ≥ 0. @defaultValue `0` */
  readonly eta?: number
  /** Added to the sum of squared gradients, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
}

/** State of {@link scaleByKate}. */
export interface ScaleByKateState {
  /** How many updates were seen. */
  readonly count: number
  /** The sum b² of squared gradients, shaped like the params. */
  readonly b2: Tree
  /** The sum m² of squared gradients over what b² then was, shaped like the params. */
  readonly m2: Tree
}

/**
 * Adagrad without its root, made up for by a numerator that grows: KATE, without the learning rate. What a model computes does not depend
 * on the scale of its data.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from b₀² = eps and m₀² = 0:
 *
 *     bₜ² = bₜ₋₁² + g²
 *     mₜ² = mₜ₋₁² + η g² + g² / bₜ²
 *     uₜ = mₜ g / bₜ²
 *
 * Gradients that have always been 0 give 0, also when eps = 0.
 *
 * Laws: elementwise; odd in the gradient; with η = eps = 0 gradients times c give updates over c.
 *
 * @example
 * const tx = scaleByKate({ eps: 0 })
 * const params = { w: [0, 0] }
 * tx.update({ w: [4, -0.5] }, tx.init(params), params)[0] // => { w: [0.25, -2] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Choudhury et al. (2024), Remove that Square Root: A New Efficient Scale-Invariant Version of AdaGrad, algorithm 1,
 * {@link https://arxiv.org/abs/2403.02648}
 * @see scaleByRss
 */
export const scaleByKate = (options: ScaleByKateOptions = {}): GradientTransformation<ScaleByKateState> => {
  const { eta, eps } = withDefaults('scaleByKate', options, { eta: 0, eps: 1e-8 })
  check('scaleByKate', { eta, eps }, nonNegative)

  return transformation<ScaleByKateState>({
    origin: ['scaleByKate', { ...options }],
    init: (params) => ({
      count: 0,
      b2: tree.fullLike(tree.widen(params), eps),
      m2: tree.zerosLike(tree.widen(params))
    }),
    update: (updates, state) => {
      const b2 = tree.map((g, b) => add(b, square(g)), updates, state.b2)
      const divisors = tree.map((b) => where(equal(b, 0), 1, b), b2)
      const m2 = tree.map((g, m, b) => add(m, add(mul(eta, square(g)), div(square(g), b))), updates, state.m2, divisors)
      const scaled = tree.map((g, m, b) => emitLike(mul(sqrt(m), div(g, b)), g), updates, m2, divisors)
      const next = { count: state.count + 1, b2: tree.castLike(b2, state.b2), m2: tree.castLike(m2, state.m2) }
      return [scaled, next]
    }
  })
}
