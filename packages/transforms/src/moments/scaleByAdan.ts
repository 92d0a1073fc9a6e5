import {
  add,
  biasCorrection,
  check,
  type DType,
  div,
  finite,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  optional,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { divisorOf } from '../internal/epsPlacement.js'

/** Options of {@link scaleByAdan}. */
export interface ScaleByAdanOptions {
  /** Decay rate β₁ of the mean gradient, in `[0, 1)`. @defaultValue `0.98` */
  readonly b1?: number
  /** Decay rate β₂ of the mean difference of gradients, in `[0, 1)`. @defaultValue `0.92` */
  readonly b2?: number
  /** Decay rate β₃ of the mean square, in `[0, 1)`. @defaultValue `0.99` */
  readonly b3?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `0` */
  readonly epsRoot?: number
  /** Weight w of the change of the gradient, a finite number; by default β₂. @defaultValue `undefined` */
  readonly differenceWeight?: number | undefined
  /** The dtype in which the three means and the gradient before are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByAdan}. */
export interface ScaleByAdanState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean gradient m, shaped like the params. */
  readonly m: Tree
  /** The mean difference v of successive gradients, shaped like the params. */
  readonly v: Tree
  /** The mean square n of the gradient looked ahead for, shaped like the params. */
  readonly n: Tree
  /** The gradient before, shaped like the params; zeros before the first update. */
  readonly g: Tree
}

/**
 * Adaptive Nesterov momentum: Adan, without the learning rate and weight decay.
 *
 * Elementwise, for the update g = gₜ at step t = 1, 2, …, from m₀ = v₀ = n₀ = 0, with w = differenceWeight, which is β₂ when
 * not given:
 *
 *     dₜ = gₜ − gₜ₋₁                                    (d₁ = 0)
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) gₜ                        m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) dₜ                        v̂ = vₜ / (1 − β₂ᵗ)
 *     nₜ = β₃ nₜ₋₁ + (1 − β₃) (gₜ + w dₜ)²              n̂ = nₜ / (1 − β₃ᵗ)
 *     uₜ = (m̂ + w v̂) / (√(n̂ + epsRoot) + eps)
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; the first update is ±1 when
 * eps = epsRoot = 0, and so are all of a gradient that stays the same.
 *
 * A decay rate β is the share that is kept, 1 minus that of the paper, as in the authors' code; so the paper's 1 − β₂, the weight
 * of the change, is β₂ here. Optax 0.2.8 keeps shares, too, and still weighs with 1 − β₂:
 * `{ differenceWeight: 1 - 0.92 }` gives its numbers.
 *
 * @example
 * const tx = scaleByAdan({ b1: 0.5, b2: 0.5, b3: 0.5, eps: 0 })
 * const params = { w: [0, 0] }
 * const [first, state] = tx.update({ w: [-3, 2] }, tx.init(params), params)
 * first // => { w: [-1, 1] }
 * tx.update({ w: [-3, 2] }, state, params)[0] // => { w: [-1, 1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Xie et al. (2022), algorithm 1, {@link https://arxiv.org/abs/2208.06677}
 */
export const scaleByAdan = (options: ScaleByAdanOptions = {}): GradientTransformation<ScaleByAdanState> => {
  const { b1, b2, b3, eps, epsRoot, differenceWeight, accumulatorDtype } = withDefaults<Required<ScaleByAdanOptions>>(
    'scaleByAdan',
    options,
    {
      b1: 0.98,
      b2: 0.92,
      b3: 0.99,
      eps: 1e-8,
      epsRoot: 0,
      differenceWeight: undefined,
      accumulatorDtype: undefined
    }
  )
  check('scaleByAdan', { b1, b2, b3 }, inUnitInterval)
  check('scaleByAdan', { eps, epsRoot }, nonNegative)
  check('scaleByAdan', { differenceWeight }, optional(finite))
  check('scaleByAdan', { accumulatorDtype }, dtypeOption)
  const weight = differenceWeight ?? b2

  return transformation<ScaleByAdanState>({
    origin: ['scaleByAdan', { ...options }],
    init: (params) => {
      const none = (): Tree => tree.zerosLike(tree.widen(params), accumulatorDtype)
      return { count: 0, m: none(), v: none(), n: none(), g: none() }
    },
    update: (updates, state) => {
      const count = state.count + 1
      // There is no gradient before the first.
      const change = tree.map((g, before) => sub(g, count === 1 ? g : before), updates, state.g)
      const ahead = tree.map((g, d) => add(g, mul(weight, d)), updates, change)
      const m = tree.map((g, mean) => updateMoment(g, mean, b1, 1), updates, state.m)
      const v = tree.map((d, mean) => updateMoment(d, mean, b2, 1), change, state.v)
      const n = tree.map((a, mean) => updateMoment(a, mean, b3, 2), ahead, state.n)
      const scaled = tree.map(
        (g, mean, meanChange, meanSquare) => {
          const ahead = add(biasCorrection(mean, b1, count), mul(weight, biasCorrection(meanChange, b2, count)))
          return emitLike(div(ahead, divisorOf(biasCorrection(meanSquare, b3, count), 1, { eps, epsRoot })), g)
        },
        updates,
        m,
        v,
        n
      )
      const next = {
        count,
        m: tree.castLike(m, state.m),
        v: tree.castLike(v, state.v),
        n: tree.castLike(n, state.n),
        g: tree.castLike(updates, state.g)
      }
      return [scaled, next]
    }
  })
}
