import {
  type AnyGradientTransformation,
  biasCorrection,
  check,
  type DType,
  definitionOf,
  div,
  type ExtraOf,
  type GradientTransformation,
  inUnitInterval,
  max,
  min,
  mul,
  orNull,
  positive,
  positiveInteger,
  type StateOf,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { hutchinsonEstimatorDiagHessian } from './hutchinsonEstimatorDiagHessian.js'

/** The estimator that is taken when none is given. */
type Hutchinson = ReturnType<typeof hutchinsonEstimatorDiagHessian>

/** Options of {@link scaleBySophia}. */
export interface ScaleBySophiaOptions<H extends AnyGradientTransformation = Hutchinson> {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.965` */
  readonly b1?: number
  /** Decay rate β₂ of the diagonal of the Hessian, in `[0, 1)`. @defaultValue `0.99` */
  readonly b2?: number
  /** The least divisor, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Factor γ of the diagonal, finite and > 0: how many elements are bounded. @defaultValue `0.01` */
  readonly gamma?: number
  /** The largest size ρ of an element of the updates, finite and > 0; `null` for none. @defaultValue `1` */
  readonly clipThreshold?: number | null
  /** How many updates k there are from one estimate of the diagonal to the next, a whole number ≥ 1. @defaultValue `10` */
  readonly updateInterval?: number
  /** What gives the diagonal in place of updates. @defaultValue `hutchinsonEstimatorDiagHessian()` */
  readonly hessianDiagonalFn?: H
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
}

/** State of {@link scaleBySophia}. */
export interface ScaleBySophiaState<H = StateOf<Hutchinson>> {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** The mean h of the diagonals of the Hessian, shaped like the params. */
  readonly nu: Tree
  /** State of what gives the diagonals. */
  readonly hessianFnState: H
}

/**
 * Divides a running mean of each update by the curvature, and bounds what comes out: Sophia, without the learning rate and weight decay.
 *
 * Elementwise, for the update g at step t = 0, 1, 2, …, from m = h = 0, with an estimate d of the diagonal of the Hessian:
 *
 *     m ← β₁ m + (1 − β₁) g                  m̂ = m / (1 − β₁ᵗ⁺¹)
 *     u = m̂ / max(γ h, eps), bounded to [−ρ, ρ]
 *     h ← β₂ h + (1 − β₂) d                  after it, where t is a multiple of k
 *
 * Where nothing is known of the curvature, at the first step, or where it is negative, the update is ±ρ. `update` takes what
 * `hessianDiagonalFn` needs: by default `{ objFn }`, the loss as a function of params. It is differentiated at every k-th update
 * alone, and need not be given at the others if types are no matter.
 *
 * Laws: odd in the gradients; |u| ≤ ρ.
 *
 * Unlike Optax it prints nothing; how many elements are not bounded is what {@link monitor} can measure.
 *
 * @example
 * const tx = scaleBySophia({ b1: 0, b2: 0, gamma: 1, clipThreshold: 3 })
 * const params = { w: new Float64Array([1, 2]) }
 * // f = Σ w⁴, f″ = 12 w²
 * const objFn = ({ w }: { w: Operand }) => sum(square(square(w)))
 * const grads = { w: new Float64Array([24, -24]) }
 * const [first, state] = tx.update(grads, tx.init(params), params, { objFn })
 * first // => { w: Float64Array [3, -3] }
 * tx.update(grads, state, params, { objFn })[0] // => { w: Float64Array [2, -0.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what `hessianDiagonalFn` needs is
 * missing.
 * @see Liu et al. (2023), algorithm 3, {@link https://arxiv.org/abs/2305.14342}
 * @see hutchinsonEstimatorDiagHessian
 */
export const scaleBySophia = <H extends AnyGradientTransformation = Hutchinson>(
  options: ScaleBySophiaOptions<H> = {}
): GradientTransformation<ScaleBySophiaState<StateOf<H>>, ExtraOf<H>> => {
  const given = withDefaults<Chosen<H>>('scaleBySophia', options, {
    b1: 0.965,
    b2: 0.99,
    eps: 1e-8,
    gamma: 0.01,
    clipThreshold: 1,
    updateInterval: 10,
    // `H` is `Hutchinson` when it is not inferred from this option.
    hessianDiagonalFn: hutchinsonEstimatorDiagHessian() as AnyGradientTransformation as H,
    muDtype: undefined
  })
  const { b1, b2, eps, gamma, clipThreshold, updateInterval, hessianDiagonalFn, muDtype } = given
  check('scaleBySophia', { b1, b2 }, inUnitInterval)
  check('scaleBySophia', { eps, gamma }, positive)
  check('scaleBySophia', { clipThreshold }, orNull(positive))
  check('scaleBySophia', { updateInterval }, positiveInteger)
  check('scaleBySophia', { muDtype }, dtypeOption)
  const diagonal = definitionOf('scaleBySophia', hessianDiagonalFn)

  return transformation<ScaleBySophiaState<StateOf<H>>, ExtraOf<H>>({
    origin: ['scaleBySophia', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params)),
      hessianFnState: diagonal.init(params)
    }),
    update: (updates, state, params, extra) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const scaled = tree.map(
        (g, m, h) => {
          const u = div(biasCorrection(m, b1, count), max(mul(gamma, h), eps))
          return emitLike(clipThreshold === null ? u : max(-clipThreshold, min(clipThreshold, u)), g)
        },
        updates,
        mu,
        state.nu
      )
      const next = { count, mu: tree.castLike(mu, state.mu), nu: state.nu, hessianFnState: state.hessianFnState }
      if (state.count % updateInterval !== 0) return [scaled, next]

      const [found, hessianFnState] = diagonal.update(updates, state.hessianFnState, params, extra)
      const nu = tree.map((d, h) => updateMoment(d, h, b2, 1), found, state.nu)
      return [scaled, { ...next, nu: tree.castLike(nu, state.nu), hessianFnState }]
    }
  })
}

/** The options with their defaults. */
type Chosen<H extends AnyGradientTransformation> = Required<ScaleBySophiaOptions<H>>
