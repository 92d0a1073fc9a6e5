import {
  type AnyGradientTransformation,
  add,
  check,
  definitionOf,
  div,
  type ExtraOf,
  type GradientTransformation,
  inUnitInterval,
  max,
  mul,
  nonNegative,
  norm,
  type Operand,
  type Requirement,
  type StateOf,
  sub,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link mars}. */
export interface MarsOptions {
  /** How much of the correction is taken, γ, finite and ≥ 0. @defaultValue `0.025` */
  readonly gamma?: number
  /** The decay rate β₁ of the momentum that `inner` has, in `[0, 1)`. @defaultValue `0.95` */
  readonly b1?: number
  /** The largest Euclidean norm of the corrected gradient of a leaf, > 0; infinity leaves it as it is. @defaultValue `1` */
  readonly maxNorm?: number
}

/** State of {@link mars}. */
export interface MarsState<S> {
  /** How many updates were seen. */
  readonly count: number
  /** The gradient of the step before, shaped like the params. */
  readonly previous: Tree
  /** State of the inner transformation, which saw corrected gradients. */
  readonly innerState: S
}

/**
 * Gives another transformation gradients of less variance: MARS, in the form that needs no second gradient.
 *
 * For the gradient g of each leaf at step t = 1, 2, …, from g₀ = g₁:
 *
 *     cₜ = gₜ + γ β₁ / (1 − β₁) (gₜ − gₜ₋₁)
 *     c̃ₜ = cₜ / max(1, ‖cₜ‖ / maxNorm)
 *
 * and `inner` is given c̃ₜ for gₜ. With `scaleByAdam({ b1: 0.95, b2: 0.99 })` inside it is MARS-AdamW, around lion's parts MARS-Lion.
 * The first gradient is bounded, too, where timm leaves it as it is.
 *
 * Laws: with γ = 0 and no bound it is `inner`; a gradient that stays the same is not corrected; what `inner` is given is never longer than
 * `maxNorm`.
 *
 * @example
 * const tx = mars(identity(), { gamma: 0.5, b1: 0.5, maxNorm: Infinity })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 4 }
 * tx.update({ w: 2 }, state, params)[0] // => { w: 1 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Yuan et al. (2024), MARS: Unleashing the Power of Variance Reduction for Training Large Models, algorithm 2,
 * {@link https://arxiv.org/abs/2411.10438}
 */
export const mars = <T extends AnyGradientTransformation>(
  inner: T,
  options: MarsOptions = {}
): GradientTransformation<MarsState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('mars', inner)
  const { gamma, b1, maxNorm } = withDefaults('mars', options, { gamma: 0.025, b1: 0.95, maxNorm: 1 })
  check('mars', { gamma }, nonNegative)
  check('mars', { b1 }, inUnitInterval)
  check('mars', { maxNorm }, aLength)
  const share = (gamma * b1) / (1 - b1)

  const bounded = (c: Operand): Operand =>
    maxNorm === Number.POSITIVE_INFINITY ? c : div(c, max(1, div(norm(c), maxNorm)))

  return transformation<MarsState<StateOf<T>>, ExtraOf<T>>({
    origin: ['mars', inner, { ...options }],
    init: (params) => ({ count: 0, previous: tree.zerosLike(tree.widen(params)), innerState: init(params) }),
    update: (updates, { count, previous, innerState }, params, extra) => {
      const corrected =
        count === 0 ? updates : tree.map((g, last) => add(g, mul(share, sub(g, last))), updates, previous)
      const given = tree.map((c, g) => emitLike(bounded(c), g), corrected, updates)
      const [steps, next] = update(given, innerState, params, extra)
      const kept = tree.castLike(updates, previous)
      return [steps, { count: count + 1, previous: kept, innerState: next }]
    }
  })
}

const aLength: Requirement = { what: 'a number > 0', holds: (value) => typeof value === 'number' && value > 0 }
