import {
  type AnyGradientTransformation,
  abs,
  add,
  biasCorrection,
  broadcast,
  check,
  type DType,
  definitionOf,
  div,
  type ExtraOf,
  type GradientTransformation,
  inClosedUnitInterval,
  inUnitInterval,
  mean,
  nonNegative,
  type Operand,
  positiveInteger,
  pow,
  type Requirement,
  type StateOf,
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
import { leafShape } from '../internal/leafShape.js'
import { hutchinsonEstimatorDiagHessian } from './hutchinsonEstimatorDiagHessian.js'

/** The estimator that is taken when none is given. */
type Hutchinson = ReturnType<typeof hutchinsonEstimatorDiagHessian>

/** Options of {@link scaleByAdahessian}. */
export interface ScaleByAdahessianOptions<H extends AnyGradientTransformation = Hutchinson> {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the squared curvature, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added to the curvature, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The power k of the curvature that is divided by, in `[0, 1]`; 0 is momentum. @defaultValue `1` */
  readonly hessianPower?: number
  /** After how many updates the curvature is estimated anew, a whole number ≥ 1. @defaultValue `1` */
  readonly updateInterval?: number
  /** Along which axes of arrays with four the curvature is averaged: those of a kernel of a convolution, `[2, 3]` in PyTorch's layout. */
  readonly spatialAxes?: readonly number[] | undefined
  /** What gives diagonals of Hessians in place of updates. @defaultValue `hutchinsonEstimatorDiagHessian()` */
  readonly hessianDiagonalFn?: H
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the squared curvature is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
}

/** State of {@link scaleByAdahessian}. */
export interface ScaleByAdahessianState<H = StateOf<Hutchinson>> {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** The mean v of squared diagonals of the Hessian, shaped like the params. */
  readonly nu: Tree
  /** The last diagonal, shaped like the params; `null` where each update has one of its own. */
  readonly diagonal: Tree
  /** State of what gives the diagonals. */
  readonly hessianFnState: H
}

/**
 * Divides a running mean of each update by the curvature: AdaHessian, without the learning rate. It is Adam with the diagonal of the
 * Hessian where that has the gradient.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = v₀ = 0, with an estimate d of the diagonal of the Hessian at the params,
 * new at the first step and at every `updateInterval`-th after it:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) d²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = m̂ / ((√v̂)ᵏ + eps)             k = hessianPower
 *
 * With `spatialAxes` an array of four axes has the mean of |d| along these in place of d. `update` takes what `hessianDiagonalFn`
 * needs: by default `{ objFn }`, the loss as a function of params. It is differentiated when d is estimated anew, and need not be given
 * at other steps if types are no matter.
 *
 * Laws: odd in the gradients; on a quadratic with a diagonal Hessian and without momentum it is Newton's step, where eps = 0; with k = 0
 * and eps = 0 it is `ema(b1)`.
 *
 * @example
 * const tx = scaleByAdahessian({ eps: 0 })
 * const params = { w: new Float64Array([1, 2]) }
 * // f = Σ w⁴, f″ = 12 w²
 * const objFn = ({ w }: { w: Operand }) => sum(square(square(w)))
 * const [u] = tx.update({ w: new Float64Array([4, 32]) }, tx.init(params), params, { objFn })
 * u.w[1]?.toFixed(6) // => '0.666667'
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what `hessianDiagonalFn` needs is
 * missing.
 * @see Yao et al. (2020), algorithm 1, {@link https://arxiv.org/abs/2006.00719}
 * @see hutchinsonEstimatorDiagHessian, scaleBySophia
 */
export const scaleByAdahessian = <H extends AnyGradientTransformation = Hutchinson>(
  options: ScaleByAdahessianOptions<H> = {}
): GradientTransformation<ScaleByAdahessianState<StateOf<H>>, ExtraOf<H>> => {
  const given = withDefaults<Required<ScaleByAdahessianOptions<H>>>('scaleByAdahessian', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    hessianPower: 1,
    updateInterval: 1,
    spatialAxes: undefined,
    // `H` is `Hutchinson` when it is not inferred from this option.
    hessianDiagonalFn: hutchinsonEstimatorDiagHessian() as AnyGradientTransformation as H,
    muDtype: undefined,
    nuDtype: undefined
  })
  const { b1, b2, eps, hessianPower, updateInterval, spatialAxes, hessianDiagonalFn, muDtype, nuDtype } = given
  check('scaleByAdahessian', { b1, b2 }, inUnitInterval)
  check('scaleByAdahessian', { eps }, nonNegative)
  check('scaleByAdahessian', { hessianPower }, inClosedUnitInterval)
  check('scaleByAdahessian', { updateInterval }, positiveInteger)
  check('scaleByAdahessian', { spatialAxes }, axesOfFour)
  check('scaleByAdahessian', { muDtype, nuDtype }, dtypeOption)
  const estimator = definitionOf('scaleByAdahessian', hessianDiagonalFn)

  const averaged = (d: Operand): Operand => {
    const shape = spatialAxes === undefined ? null : leafShape(d)
    if (shape?.length !== 4 || shape.includes(0)) return d
    return broadcast(mean(abs(d), spatialAxes), shape)
  }
  const powerOf = (root: Value): Value => (hessianPower === 1 ? root : pow(root, hessianPower))

  return transformation<ScaleByAdahessianState<StateOf<H>>, ExtraOf<H>>({
    origin: ['scaleByAdahessian', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), muDtype),
      nu: tree.zerosLike(tree.widen(params), nuDtype),
      diagonal: updateInterval === 1 ? null : tree.zerosLike(tree.widen(params)),
      hessianFnState: estimator.init(params)
    }),
    update: (updates, state, params, extra) => {
      const count = state.count + 1
      const isDue = state.count % updateInterval === 0
      const [found, hessianFnState] = isDue
        ? estimator.update(updates, state.hessianFnState, params, extra)
        : [state.diagonal, state.hessianFnState]
      const diagonal = isDue ? tree.map(averaged, found) : state.diagonal
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((d, v) => updateMoment(d, v, b2, 2), diagonal, state.nu)
      const scaled = tree.map(
        (g, m, v) =>
          emitLike(div(biasCorrection(m, b1, count), add(powerOf(sqrt(biasCorrection(v, b2, count))), eps)), g),
        updates,
        mu,
        nu
      )
      const next = {
        count,
        mu: tree.castLike(mu, state.mu),
        nu: tree.castLike(nu, state.nu),
        diagonal: updateInterval === 1 ? null : tree.castLike(diagonal, state.diagonal),
        hessianFnState
      }
      return [scaled, next]
    }
  })
}

const axesOfFour: Requirement = {
  what: 'a list of axes of four, each of 0, 1, 2 and 3',
  holds: (value) => value === undefined || (Array.isArray(value) && value.every((axis) => [0, 1, 2, 3].includes(axis)))
}
