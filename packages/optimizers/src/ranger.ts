import {
  chain,
  check,
  type DType,
  type EmptyState,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  centralize,
  type LookaheadState,
  lookahead,
  type Mask,
  type ScaleByRadamState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByRadam
} from '@gradchain/transforms'

/** Options of {@link ranger}. */
export interface RangerOptions<P = Tree<Leaf>, M = never> {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.95` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added to the root of the second moment before its correction, finite and ≥ 0. @defaultValue `1e-5` */
  readonly eps?: number
  /** The length ρ of the average from which on its variance is taken for known, finite and ≥ 4. @defaultValue `5` */
  readonly threshold?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
  /** How many fast steps there are to a slow one, a whole number ≥ 1. @defaultValue `6` */
  readonly syncPeriod?: number
  /** Share of the way that the slow params go towards the fast ones, in `[0, 1]`. @defaultValue `0.5` */
  readonly slowStepSize?: number
}

/** State of {@link ranger}. */
export type RangerState = LookaheadState<
  readonly [EmptyState, ScaleByRadamState, AddDecayedWeightsState, ScaleByScheduleState]
>

/**
 * Ranger: RAdam of centralized gradients, with Lookahead.
 *
 *     lookahead(
 *       chain(
 *         centralize(),
 *         scaleByRadam({ b1, b2, eps, threshold, muDtype, nuDtype, epsPlacement: 'hat' }),
 *         addDecayedWeights(weightDecay, { mask }),
 *         scaleByLearningRate(learningRate)
 *       ),
 *       { syncPeriod, slowStepSize }
 *     )
 *
 * For the gradient g less the means of its rows, the update r of `scaleByRadam`, the params p and the learning rate α, at step
 * t = 1, 2, …, from s = p₀:
 *
 *     vₜ = −α(t − 1) (r + λ(t − 1) p)
 *     uₜ = vₜ, and p + v half way back to s, which becomes that, at every sixth step
 *
 * Laws: it is its chain; before the first slow step without centralization and decay it is {@link radam}; a number is its constant
 * schedule.
 *
 * The params to evaluate with are `state.slow`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = ranger(0.5)
 * const params = { w: [4, 4] }
 * step(tx, { w: [2, -2] }, tx.init(params), params)[0] // => { w: [3, 5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Wright (2019), New Deep Learning Optimizer, Ranger, {@link https://github.com/lessw2020/Ranger-Deep-Learning-Optimizer}
 * @see ranger21
 */
export const ranger = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: RangerOptions<P, M> = {}
): GradientTransformation<RangerState> => {
  const { weightDecay, mask, syncPeriod, slowStepSize, ...rest } = withDefaults<Required<RangerOptions<P, M>>>(
    'ranger',
    options,
    {
      b1: 0.95,
      b2: 0.999,
      eps: 1e-5,
      threshold: 5,
      muDtype: undefined,
      nuDtype: undefined,
      weightDecay: 0,
      mask: true,
      syncPeriod: 6,
      slowStepSize: 0.5
    }
  )
  check('ranger', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['ranger', learningRate, { ...options }],
    lookahead(
      chain(
        centralize(),
        scaleByRadam({ ...rest, epsPlacement: 'hat' }),
        addDecayedWeights(weightDecay, { mask }),
        scaleByLearningRate(learningRate)
      ),
      { syncPeriod, slowStepSize }
    )
  )
}
