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
  type ScaleByScheduleState,
  type ScaleBySophiaOptions,
  type ScaleBySophiaState,
  scaleByLearningRate,
  scaleBySophia
} from '@gradchain/transforms'

/** The estimator that is taken when none is given. */
type Hutchinson = ReturnType<typeof hutchinsonEstimatorDiagHessian>

/** Options of {@link sophia}: those of `scaleBySophia`, and the weight decay. */
export interface SophiaOptions<H extends AnyGradientTransformation = Hutchinson, P = Tree<Leaf>, M = never>
  extends ScaleBySophiaOptions<H> {
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `1e-4` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Sophia runs on all of them. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
}

/** State of {@link sophia}. */
export type SophiaState<H = StateOf<Hutchinson>> = readonly [
  ScaleBySophiaState<H>,
  AddDecayedWeightsState,
  ScaleByScheduleState
]

/**
 * Sophia: a running mean of the gradient over the curvature, bounded, with decoupled weight decay. `update` takes `{ objFn }`, the
 * loss as a function of params.
 *
 *     chain(
 *       scaleBySophia({ b1, b2, eps, gamma, clipThreshold, updateInterval, hessianDiagonalFn, muDtype }),
 *       addDecayedWeights(weightDecay, { mask: weightDecayMask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For the gradient g and the param p at step t = 0, 1, 2, …, from m = h = 0, with an estimate d of the diagonal of the Hessian, ρ =
 * clipThreshold and k = updateInterval:
 *
 *     m ← β₁ m + (1 − β₁) g                  m̂ = m / (1 − β₁ᵗ⁺¹)
 *     u = −α(t) (m̂ / max(γ h, eps), bounded to [−ρ, ρ], + λ(t) p)
 *     h ← β₂ h + (1 − β₂) d                  after it, where t is a multiple of k
 *
 * Laws: with weightDecay 0 and a given curvature odd in the gradient; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = sophia(0.5, { weightDecay: 0 })
 * const params = { w: new Float64Array([1, 2]) }
 * const objFn = ({ w }: { w: Operand }) => sum(square(square(w)))
 * step(tx, { w: new Float64Array([4, 32]) }, tx.init(params), params, { objFn })[0] // => { w: Float64Array [0.5, 1.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Liu et al. (2023), Sophia: A Scalable Stochastic Second-order Optimizer for Language Model Pre-training, algorithm 3,
 * {@link https://arxiv.org/abs/2305.14342}
 */
export const sophia = <H extends AnyGradientTransformation = Hutchinson, P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: SophiaOptions<H, P, M> = {}
): GradientTransformation<SophiaState<StateOf<H>>, ExtraOf<H>> => {
  const { weightDecay, weightDecayMask, ...rest } = withDefaults<SophiaOptions<H, P, M>>('sophia', options, {
    b1: 0.965,
    b2: 0.99,
    eps: 1e-8,
    gamma: 0.01,
    clipThreshold: 1,
    updateInterval: 10,
    hessianDiagonalFn: undefined as never,
    muDtype: undefined,
    weightDecay: 1e-4,
    weightDecayMask: true
  })
  check('sophia', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['sophia', learningRate, { ...options }],
    chain(
      scaleBySophia<H>(rest),
      addDecayedWeights(weightDecay, { mask: weightDecayMask }),
      scaleByLearningRate(learningRate)
    )
  )
}
