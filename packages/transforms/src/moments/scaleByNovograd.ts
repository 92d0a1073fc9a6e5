import {
  add,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  orSchedule,
  sqrt,
  sumSquares,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByNovograd}. */
export interface ScaleByNovogradOptions {
  /** Decay rate β₁ of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the squared norm, in `[0, 1)`. @defaultValue `0.25` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `0` */
  readonly epsRoot?: number
  /** Share λ of the params that goes into the momentum, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** The dtype in which the momentum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
}

/** State of {@link scaleByNovograd}. */
export interface ScaleByNovogradState {
  /** How many updates were seen. */
  readonly count: number
  /** Momentum m, shaped like the params. */
  readonly mu: Tree
  /** The mean squared norm v of the gradient: a number for each array of the params. */
  readonly nu: Tree
}

/**
 * Adds up gradients, each array of them divided by a running estimate of its own norm: NovoGrad, without the learning rate.
 *
 * For each leaf g of the updates and p of the params at step t = 1, 2, …, from m₀ = 0; v is one number for each leaf:
 *
 *     v₁ = ‖g‖²                          vₜ = β₂ vₜ₋₁ + (1 − β₂) ‖g‖²
 *     mₜ = β₁ mₜ₋₁ + g / (√(vₜ + epsRoot) + eps) + λ(t − 1) p
 *     uₜ = mₜ
 *
 * Like {@link trace} this is a sum and no mean: of equal gradients it grows to 1 / (1 − β₁) times the first update.
 *
 * Laws: each leaf is treated as if it were alone; odd in the gradient, and in gradient and params together; blind to the scale
 * of the gradient when eps = epsRoot = 0; then, and without weight decay, the first update of a leaf has norm 1.
 *
 * @example
 * const tx = scaleByNovograd({ eps: 0 })
 * const params = { w: new Float32Array(2), b: 0 }
 * const [u, state] = tx.update({ w: new Float32Array([3, -4]), b: 7 }, tx.init(params), params)
 * u // => { w: Float32Array [0.6000000238418579, -0.800000011920929], b: 1 }
 * state.nu // => { w: 25, b: 49 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number.
 * @see Ginsburg et al. (2019), algorithm 1, {@link https://arxiv.org/abs/1905.11286}
 */
export const scaleByNovograd = (options: ScaleByNovogradOptions = {}): GradientTransformation<ScaleByNovogradState> => {
  const { b1, b2, eps, epsRoot, weightDecay, muDtype } = withDefaults<Required<ScaleByNovogradOptions>>(
    'scaleByNovograd',
    options,
    { b1: 0.9, b2: 0.25, eps: 1e-8, epsRoot: 0, weightDecay: 0, muDtype: undefined }
  )
  check('scaleByNovograd', { b1, b2 }, inUnitInterval)
  check('scaleByNovograd', { eps, epsRoot }, nonNegative)
  check('scaleByNovograd', { weightDecay }, orSchedule(nonNegative))
  check('scaleByNovograd', { muDtype }, dtypeOption)
  const schedule = asSchedule(weightDecay)

  return transformation<ScaleByNovogradState>({
    origin: ['scaleByNovograd', { ...options }],
    init: (params) => ({ count: 0, mu: tree.zerosLike(tree.widen(params), muDtype), nu: tree.map(() => 0, params) }),
    update: (updates, state, params) => {
      const count = state.count + 1
      const share = valueAt('scaleByNovograd', schedule, state.count)
      // The first squared norm is taken whole.
      const kept = count === 1 ? 0 : b2
      const nu = tree.map((g, v) => updateMoment(sumSquares(g), v, kept, 1), updates, state.nu)
      const scaled = tree.map((g, v) => div(g, add(sqrt(add(v, epsRoot)), eps)), updates, nu)
      const decayed = share === 0 ? scaled : tree.map((u, p) => add(u, mul(share, p)), scaled, params)
      const mu = tree.map((u, m) => add(mul(b1, m), u), decayed, state.mu)
      const emitted = tree.map((g, m) => emitLike(m, g), updates, mu)
      return [emitted, { count, mu: tree.castLike(mu, state.mu), nu }]
    }
  })
}
