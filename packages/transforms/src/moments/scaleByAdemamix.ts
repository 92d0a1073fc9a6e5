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
  orSchedule,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { divisorOf } from '../internal/epsPlacement.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByAdemamix}. */
export interface ScaleByAdemamixOptions {
  /** Decay rate β₁ of the fast mean, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Decay rate β₃ of the slow mean, in `[0, 1)`, or a schedule; the paper lets it grow from β₁. @defaultValue `0.9999` */
  readonly b3?: ScalarOrSchedule
  /** Weight α of the slow mean, any finite number, or a schedule; the paper lets it grow from 0. @defaultValue `6` */
  readonly alpha?: ScalarOrSchedule
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `0` */
  readonly epsRoot?: number
  /** The dtype in which both means are kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAdemamix}. */
export interface ScaleByAdemamixState {
  /** How many updates were seen. */
  readonly count: number
  /** The fast mean, shaped like the params. */
  readonly m1: Tree
  /** The slow mean, shaped like the params. */
  readonly m2: Tree
  /** Second raw moment v, shaped like the params. */
  readonly nu: Tree
}

/**
 * Adam with a second, slow mean, in which gradients of ten thousand steps ago still count: AdEMAMix, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from a₀ = b₀ = v₀ = 0:
 *
 *     aₜ = β₁ aₜ₋₁ + (1 − β₁) g              â = aₜ / (1 − β₁ᵗ)
 *     bₜ = β₃ bₜ₋₁ + (1 − β₃) g              with β₃ = β₃(t − 1), where it is a schedule
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) g²             v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = (â + α(t − 1) bₜ) / (√(v̂ + epsRoot) + eps)
 *
 * The slow mean is not made up for its start: it fills itself slowly, which is meant.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale when eps = epsRoot = 0; with α = 0 it is {@link scaleByAdam}.
 *
 * Unlike Optax's, the state has one counter for the two, which never differ there.
 *
 * @example
 * const tx = scaleByAdemamix({ b3: 0.75, alpha: 2, eps: 0 })
 * tx.update({ w: [-3, 4] }, tx.init({ w: [0, 0] }), { w: [0, 0] })[0] // => { w: [-1.5, 1.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what a schedule gives is no number.
 * @see Pagliardini, Ablin and Grangier (2024), algorithm 1, {@link https://arxiv.org/abs/2409.03137}
 * @see scaleBySimplifiedAdemamix
 */
export const scaleByAdemamix = (options: ScaleByAdemamixOptions = {}): GradientTransformation<ScaleByAdemamixState> => {
  const { b1, b2, b3, alpha, eps, epsRoot, muDtype, nuDtype } = withDefaults<Required<ScaleByAdemamixOptions>>(
    'scaleByAdemamix',
    options,
    { b1: 0.9, b2: 0.999, b3: 0.9999, alpha: 6, eps: 1e-8, epsRoot: 0, muDtype: undefined, nuDtype: undefined }
  )
  check('scaleByAdemamix', { b1, b2 }, inUnitInterval)
  check('scaleByAdemamix', { b3 }, orSchedule(inUnitInterval))
  check('scaleByAdemamix', { alpha }, orSchedule(finite))
  check('scaleByAdemamix', { eps, epsRoot }, nonNegative)
  check('scaleByAdemamix', { muDtype, nuDtype }, dtypeOption)
  const [decayAt, weightAt] = [asSchedule(b3), asSchedule(alpha)]

  return transformation<ScaleByAdemamixState>({
    origin: ['scaleByAdemamix', { ...options }],
    init: (params) => ({
      count: 0,
      m1: tree.zerosLike(tree.widen(params), muDtype),
      m2: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const decay = valueAt('scaleByAdemamix', decayAt, state.count)
      const weight = valueAt('scaleByAdemamix', weightAt, state.count)
      const m1 = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.m1)
      const m2 = tree.map((g, m) => updateMoment(g, m, decay, 1), updates, state.m2)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const scaled = tree.map(
        (g, fast, slow, v) => {
          const mean = add(biasCorrection(fast, b1, count), mul(weight, slow))
          return emitLike(div(mean, divisorOf(biasCorrection(v, b2, count), 1, { eps, epsRoot })), g)
        },
        updates,
        m1,
        m2,
        nu
      )
      const next = {
        count,
        m1: tree.castLike(m1, state.m1),
        m2: tree.castLike(m2, state.m2),
        nu: tree.castLike(nu, state.nu)
      }
      return [scaled, next]
    }
  })
}
