import {
  boolean,
  callable,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  min,
  nonNegative,
  optional,
  positive,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByAdopt}. */
export interface ScaleByAdoptOptions {
  /** Decay rate β₁ of the mean of what was divided, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.9999` */
  readonly b2?: number
  /** The least divisor, finite and > 0. @defaultValue `1e-6` */
  readonly eps?: number
  /** The dtype in which the mean is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** Whether the mean looks one step ahead. @defaultValue `false` */
  readonly nesterov?: boolean
  /** Whether what was divided is bounded before it is averaged. @defaultValue `true` */
  readonly useClipping?: boolean
  /** The bound c of the step t = 0, 1, 2, …, finite and ≥ 0. @defaultValue the fourth root of t */
  readonly clipValueFn?: ((step: number) => number) | undefined
}

/** State of {@link scaleByAdopt}. */
export interface ScaleByAdoptState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean m of what was divided, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Divides each gradient by the second moment of those before it, and averages afterwards: ADOPT, which converges with any β₂.
 *
 * Elementwise, for the update g at step t = 0, 1, 2, …:
 *
 *     t = 0:   v = g²,  m = 0,  u = 0
 *     t > 0:   nₜ = g / max(√vₜ₋₁, eps), bounded to [−c(t), c(t)] when useClipping
 *              mₜ = β₁ mₜ₋₁ + (1 − β₁) nₜ
 *              vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *              uₜ = mₜ                          β₁ mₜ + (1 − β₁) nₜ when nesterov
 *
 * The first update is zero: the first gradient only tells the scale.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale where √v > eps; with clipping |u| ≤ c(t), for a bound that does
 * not fall.
 *
 * @example
 * const tx = scaleByAdopt({ b1: 0.5 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: -4 }, tx.init(params), params)
 * first // => { w: 0 }
 * tx.update({ w: 2 }, state, params)[0] // => { w: 0.25 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when clipValueFn does not give what it
 * must.
 * @see Taniguchi et al. (2024), algorithm 2, {@link https://arxiv.org/abs/2411.02853}
 * @see scaleByAdam
 */
export const scaleByAdopt = (options: ScaleByAdoptOptions = {}): GradientTransformation<ScaleByAdoptState> => {
  const { b1, b2, eps, muDtype, nuDtype, nesterov, useClipping, clipValueFn } = withDefaults<
    Required<ScaleByAdoptOptions>
  >('scaleByAdopt', options, {
    b1: 0.9,
    b2: 0.9999,
    eps: 1e-6,
    muDtype: undefined,
    nuDtype: undefined,
    nesterov: false,
    useClipping: true,
    clipValueFn: undefined
  })
  check('scaleByAdopt', { b1, b2 }, inUnitInterval)
  check('scaleByAdopt', { eps }, positive)
  check('scaleByAdopt', { muDtype, nuDtype }, dtypeOption)
  check('scaleByAdopt', { nesterov, useClipping }, boolean)
  check('scaleByAdopt', { clipValueFn }, optional(callable))
  const boundAt = clipValueFn ?? fourthRoot

  /** What bounds the step t. */
  const bounded = (step: number): ((x: Value) => Value) => {
    if (!useClipping) return (x) => x
    const bound = boundAt(step)
    check('scaleByAdopt', { [`clipValueFn(${step})`]: bound }, nonNegative)
    return (x) => max(-bound, min(bound, x))
  }

  return transformation<ScaleByAdoptState>({
    origin: ['scaleByAdopt', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const nu = tree.map((g, v) => updateMoment(g, v, count === 1 ? 0 : b2, 2), updates, state.nu)
      const next = { count, mu: state.mu, nu: tree.castLike(nu, state.nu) }
      if (count === 1) return [tree.zerosLike(updates), next]

      const within = bounded(state.count)
      const divided = tree.map((g, v) => within(div(g, max(sqrt(v), eps))), updates, state.nu)
      const mu = tree.map((n, m) => updateMoment(n, m, b1, 1), divided, state.mu)
      const mean = nesterov ? tree.map((n, m) => updateMoment(n, m, b1, 1), divided, mu) : mu
      return [tree.map(emitLike, mean, updates), { ...next, mu: tree.castLike(mu, state.mu) }]
    }
  })
}

// A root is the same in every JavaScript engine; a power need not be.
const fourthRoot = (step: number): number => Math.sqrt(Math.sqrt(step))
