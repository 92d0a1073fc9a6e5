import {
  add,
  boolean,
  check,
  type DType,
  div,
  equal,
  type GradientTransformation,
  nonNegative,
  square,
  type Tree,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { rootWith } from '../internal/rootWith.js'

/** Options of {@link scaleByRss}. */
export interface ScaleByRssOptions {
  /** The sum of squares before the first update, finite and ≥ 0. @defaultValue `0.1` */
  readonly initialAccumulatorValue?: number
  /** Added against division by zero, finite and ≥ 0. @defaultValue `1e-7` */
  readonly eps?: number
  /** Whether eps is added inside the square root or outside. @defaultValue `true` */
  readonly epsInSqrt?: boolean
  /** The dtype in which the sum of squares is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByRss}. */
export interface ScaleByRssState {
  /** The sum s of all squares so far, shaped like the params. */
  readonly sumOfSquares: Tree
}

/**
 * Divides each update by the root of the sum of all its squares so far: AdaGrad, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from s₀ = initialAccumulatorValue:
 *
 *     sₜ = sₜ₋₁ + g²
 *     uₜ = g / √(sₜ + eps)                    (g / (√sₜ + eps) unless epsInSqrt)
 *
 * and 0 where sₜ = 0.
 *
 * Laws: elementwise; odd in the gradient; |u| ≤ 1; with eps = initialAccumulatorValue = 0 it is blind to the scale of the
 * gradient, the first update is its sign and the t-th of equal ones ±1 / √t.
 *
 * PyTorch's form is `{ initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false }`. Unlike in Optax, where an element that was
 * NaN once has updates 0 ever after, NaN stays NaN.
 *
 * @example
 * const tx = scaleByRss({ initialAccumulatorValue: 0, eps: 0 })
 * const params = { w: [0, 0] }
 * const [first, state] = tx.update({ w: [3, 0] }, tx.init(params), params)
 * first // => { w: [1, 0] }
 * tx.update({ w: [4, -2] }, state, params)[0] // => { w: [0.8, -1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Duchi, Hazan and Singer (2011), figure 1, {@link https://jmlr.org/papers/v12/duchi11a.html}
 */
export const scaleByRss = (options: ScaleByRssOptions = {}): GradientTransformation<ScaleByRssState> => {
  const { initialAccumulatorValue, eps, epsInSqrt, accumulatorDtype } = withDefaults<Required<ScaleByRssOptions>>(
    'scaleByRss',
    options,
    {
      initialAccumulatorValue: 0.1,
      eps: 1e-7,
      epsInSqrt: true,
      accumulatorDtype: undefined
    }
  )
  check('scaleByRss', { initialAccumulatorValue, eps }, nonNegative)
  check('scaleByRss', { epsInSqrt }, boolean)
  check('scaleByRss', { accumulatorDtype }, dtypeOption)

  return transformation<ScaleByRssState>({
    origin: ['scaleByRss', { ...options }],
    init: (params) => ({ sumOfSquares: tree.fullLike(tree.widen(params), initialAccumulatorValue, accumulatorDtype) }),
    update: (updates, state) => {
      const sumOfSquares = tree.map((g, s) => add(s, square(g)), updates, state.sumOfSquares)
      const scaled = tree.map(
        (g, s) => emitLike(where(equal(s, 0), 0, div(g, rootWith(s, eps, epsInSqrt))), g),
        updates,
        sumOfSquares
      )
      return [scaled, { sumOfSquares: tree.castLike(sumOfSquares, state.sumOfSquares) }]
    }
  })
}
