import {
  type AnyGradientTransformation,
  chain,
  check,
  type ExtraOf,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  type StateOf,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type hutchinsonEstimatorDiagHessian,
  type Mask,
  type ScaleByAdahessianOptions,
  type ScaleByAdahessianState,
  type ScaleByScheduleState,
  scaleByAdahessian,
  scaleByLearningRate
} from '@gradchain/transforms'

/** The estimator that is taken when none is given. */
type Hutchinson = ReturnType<typeof hutchinsonEstimatorDiagHessian>

/** Options of {@link adahessian}: those of `scaleByAdahessian`, and the weight decay. */
export interface AdahessianOptions<H extends AnyGradientTransformation = Hutchinson, P = Tree<Leaf>, M = never>
  extends ScaleByAdahessianOptions<H> {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; AdaHessian runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adahessian}. */
export type AdahessianState<H = StateOf<Hutchinson>> = readonly [
  ScaleByAdahessianState<H>,
  AddDecayedWeightsState,
  ScaleByScheduleState
]

/**
 * AdaHessian: a running mean of the gradient over the curvature, with decoupled weight decay. `update` takes `{ objFn }`, the loss as a
 * function of params.
 *
 *     chain(
 *       scaleByAdahessian({
 *         b1, b2, eps, hessianPower, updateInterval, spatialAxes, hessianDiagonalFn, muDtype, nuDtype
 *       }),
 *       addDecayedWeights(weightDecay, { mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g and the param p at step t = 1, 2, …, from m₀ = v₀ = 0, with an estimate d of the diagonal of the Hessian and k =
 * hessianPower:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g          m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) d²         v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = −α(t − 1) (m̂ / ((√v̂)ᵏ + eps) + λ(t − 1) p)
 *
 * Laws: with weightDecay 0 and a given curvature odd in the gradient; a number is its constant schedule.
 *
 * The authors, and timm, have a learning rate of 0.1: where the curvature is right it is the share of Newton's step.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adahessian(0.5, { b1: 0, b2: 0, eps: 0 })
 * const params = { w: new Float64Array([1, 2]) }
 * // f = Σ w², whose minimum is a whole step away.
 * const objFn = ({ w }: { w: Operand }) => sum(square(w))
 * step(tx, { w: new Float64Array([2, 4]) }, tx.init(params), params, { objFn })[0] // => { w: Float64Array [0.5, 1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Yao et al. (2020), ADAHESSIAN: An Adaptive Second Order Optimizer for Machine Learning, algorithm 1,
 * {@link https://arxiv.org/abs/2006.00719}
 */
export const adahessian = <H extends AnyGradientTransformation = Hutchinson, P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdahessianOptions<H, P, M> = {}
): GradientTransformation<AdahessianState<StateOf<H>>, ExtraOf<H>> => {
  const { weightDecay, mask, ...rest } = withDefaults<AdahessianOptions<H, P, M>>('adahessian', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    hessianPower: 1,
    updateInterval: 1,
    spatialAxes: undefined,
    hessianDiagonalFn: undefined as never,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0,
    mask: true
  })
  check('adahessian', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adahessian', learningRate, { ...options }],
    chain(scaleByAdahessian<H>(rest), addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate))
  )
}
