import {
  biasCorrection,
  boolean,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  nonNegative,
  oneOf,
  pow,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { anEpsPlacement, divisorOf } from '../internal/epsPlacement.js'

/** Options of {@link scaleByAmsgrad}. */
export interface ScaleByAmsgradOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `0` */
  readonly epsRoot?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment and its maximum are kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** Whether to make up for the start of the first moment. @defaultValue `true` */
  readonly biasCorrectionMu?: boolean
  /** Whether to make up for the start of the second moment. @defaultValue `true` */
  readonly biasCorrectionNu?: boolean
  /** Whether the maximum is that of corrected second moments, as in Optax, or is corrected itself, as in PyTorch. @defaultValue `'corrected'` */
  readonly maxOn?: 'corrected' | 'raw'
  /**
   * Whether eps and epsRoot are added to the corrected second moment, `'outside'`, as in Optax and PyTorch, or to the one before its
   * correction, `'hat'`, as in Keras and TensorFlow: the "epsilon hat" of the paper. @defaultValue `'outside'`
   */
  readonly epsPlacement?: 'outside' | 'hat'
  /** The power p to which the second moment is taken, in `[0, 1)`; Padam has less than that of a root. @defaultValue `0.5` */
  readonly power?: number
}

/** State of {@link scaleByAmsgrad}. */
export interface ScaleByAmsgradState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
  /** The largest second moment so far, V, shaped like the params; corrected or raw, as `maxOn` says. */
  readonly nuMax: Tree
}

/**
 * Divides a running mean of each update by the largest estimate so far of its magnitude: AMSGrad, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = V₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)             (mₜ unless biasCorrectionMu)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
 *     Vₜ = max(Vₜ₋₁, vₜ / (1 − β₂ᵗ))     V̂ = Vₜ                         when maxOn is 'corrected'
 *     Vₜ = max(Vₜ₋₁, vₜ)                 V̂ = Vₜ / (1 − β₂ᵗ)             when maxOn is 'raw'
 *     uₜ = m̂ / (√(V̂ + epsRoot) + eps)
 *     uₜ = m̂ / (√(V̂ + epsRoot / (1 − β₂ᵗ)) + eps / √(1 − β₂ᵗ))      when epsPlacement is 'hat'
 *
 * and when power is p, the divisor of any of these is taken to the power 2 p. Here vₜ, Vₜ and what is added to them are not divided
 * unless biasCorrectionNu.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; {@link scaleByAdam} as long as the
 * magnitude of the gradient does not fall; with power 0 it is a mean of gradients; without biasCorrectionNu both values of maxOn are the same, and
 * both of epsPlacement.
 *
 * The paper has neither correction: `{ biasCorrectionMu: false, biasCorrectionNu: false }`. What PyTorch calls AMSGrad is
 * `{ maxOn: 'raw' }`, and what Keras calls so `{ maxOn: 'raw', eps: 1e-7, epsPlacement: 'hat' }`; Optax has neither.
 *
 * @example
 * const tx = scaleByAmsgrad({ b1: 0, b2: 0.5, eps: 0 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 1 }
 * tx.update({ w: 1 }, state, params)[0] // => { w: 0.25 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Reddi, Kale and Kumar (2018), algorithm 2, {@link https://arxiv.org/abs/1904.09237}
 * @see Chen et al. (2018), algorithm 1, for power, {@link https://arxiv.org/abs/1806.06763}
 * @see scaleByAdam
 */
export const scaleByAmsgrad = (options: ScaleByAmsgradOptions = {}): GradientTransformation<ScaleByAmsgradState> => {
  const chosen = withDefaults<Required<ScaleByAmsgradOptions>>('scaleByAmsgrad', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    epsRoot: 0,
    muDtype: undefined,
    nuDtype: undefined,
    biasCorrectionMu: true,
    biasCorrectionNu: true,
    maxOn: 'corrected',
    epsPlacement: 'outside',
    power: 0.5
  })
  const { b1, b2, eps, epsRoot, muDtype, nuDtype, biasCorrectionMu, biasCorrectionNu, maxOn, epsPlacement, power } =
    chosen
  check('scaleByAmsgrad', { b1, b2 }, inUnitInterval)
  check('scaleByAmsgrad', { eps, epsRoot }, nonNegative)
  check('scaleByAmsgrad', { muDtype, nuDtype }, dtypeOption)
  check('scaleByAmsgrad', { biasCorrectionMu, biasCorrectionNu }, boolean)
  check('scaleByAmsgrad', { maxOn }, oneOf('corrected', 'raw'))
  check('scaleByAmsgrad', { epsPlacement }, anEpsPlacement)
  check('scaleByAmsgrad', { power }, inUnitInterval)
  const isCorrectedBefore = biasCorrectionNu && maxOn === 'corrected'
  const isCorrectedAfter = biasCorrectionNu && maxOn === 'raw'

  return transformation<ScaleByAmsgradState>({
    origin: ['scaleByAmsgrad', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype),
      nuMax: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const weight = biasCorrectionNu ? 1 - integerPower(b2, count) : 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const nuMax = tree.map(
        (v, largest) => max(largest, isCorrectedBefore ? biasCorrection(v, b2, count) : v),
        nu,
        state.nuMax
      )
      const scaled = tree.map(
        (g, m, largest) => {
          const mean = biasCorrectionMu ? biasCorrection(m, b1, count) : m
          const meanSquare = isCorrectedAfter ? biasCorrection(largest, b2, count) : largest
          const root = divisorOf(meanSquare, weight, chosen)
          return emitLike(div(mean, power === 0.5 ? root : pow(root, 2 * power)), g)
        },
        updates,
        mu,
        nuMax
      )
      const next = {
        count,
        mu: tree.castLike(mu, state.mu),
        nu: tree.castLike(nu, state.nu),
        nuMax: tree.castLike(nuMax, state.nuMax)
      }
      return [scaled, next]
    }
  })
}
