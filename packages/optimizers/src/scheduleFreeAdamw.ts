import {
  chain,
  check,
  type GradientTransformation,
  inUnitInterval,
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
  type Mask,
  type ScaleByRmsState,
  type ScaleByScheduleState,
  type ScheduleFreeOptions,
  type ScheduleFreeState,
  scaleByLearningRate,
  scaleByRms,
  scheduleFree
} from '@gradchain/transforms'
import { warmedUp } from './internal/warmedUp.js'

/** Options of {@link scheduleFreeAdamw}: those of `scheduleFree`, of the second moment, a warm-up and a weight decay. */
export interface ScheduleFreeAdamwOptions<P = Tree<Leaf>, M = never> extends ScheduleFreeOptions {
  /** How many steps the learning rate rises for, from 0 along a line, a whole number ≥ 0. @defaultValue `0` */
  readonly warmupSteps?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, against division by zero, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link scheduleFreeAdamw}. */
export type ScheduleFreeAdamwState = ScheduleFreeState<
  readonly [ScaleByRmsState, AddDecayedWeightsState, ScaleByScheduleState]
>

/**
 * Schedule-free AdamW: no schedule of the learning rate, and an average in place of the first moment.
 *
 *     scheduleFree(
 *       chain(
 *         scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true }),
 *         addDecayedWeights(weightDecay, { mask }),
 *         scaleByLearningRate(α)
 *       ),
 *       α,
 *       { b1, weightLrPower, c, stateDtype }
 *     )
 *
 * where α is the learning rate, after the warm-up. Gradients are taken at the params y, `scheduleFreeEvalParams` gives x, which is
 * what to evaluate and keep:
 *
 *     v ← β₂ v + (1 − β₂) g²        v̂ = v / (1 − β₂ᵗ)
 *     z ← z − α (g / (√v̂ + eps) + λ y)
 *     x ← (1 − c) x + c z           c = αʳ over the sum of all of them, with r = weightLrPower
 *     y ← β x + (1 − β) z
 *
 * and with an option c, the C of `scheduleFree`, C (1 − β) times that, at most 1.
 *
 * Laws: `scheduleFree(adamw(α, { b1: 0 }), α)`; a number is its constant schedule.
 *
 * Unlike Optax, where a warm-up of 0 steps never moves, that is none.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule, when there is no warm-up; 0.0025 by default.
 *
 * @example
 * const tx = scheduleFreeAdamw(0.5)
 * const params = { w: [8, 8] }
 * const [next, state] = step(tx, { w: [-3, 2] }, tx.init(params), params)
 * next.w.map((p) => p.toFixed(6)) // => ['8.500000', '7.500000']
 * scheduleFreeEvalParams(state, next).w.map((p) => p.toFixed(6)) // => ['8.500000', '7.500000']
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Defazio et al. (2024), The Road Less Scheduled, algorithm 1, {@link https://arxiv.org/abs/2405.15682}
 * @see scheduleFreeSgd
 */
export const scheduleFreeAdamw = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 0.0025,
  options: ScheduleFreeAdamwOptions<P, M> = {}
): GradientTransformation<ScheduleFreeAdamwState> => {
  const { warmupSteps, b2, eps, weightDecay, mask, ...rest } = withDefaults<Required<ScheduleFreeAdamwOptions<P, M>>>(
    'scheduleFreeAdamw',
    options,
    {
      warmupSteps: 0,
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      weightDecay: 0,
      weightLrPower: 2,
      c: undefined,
      stateDtype: undefined,
      mask: true
    }
  )
  check('scheduleFreeAdamw', { b2 }, inUnitInterval)
  check('scheduleFreeAdamw', { weightDecay }, orSchedule(nonNegative))
  const rate = warmedUp('scheduleFreeAdamw', learningRate, warmupSteps)
  const inner = chain(
    scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true }),
    addDecayedWeights(weightDecay, { mask }),
    scaleByLearningRate(rate)
  )

  return withOrigin(['scheduleFreeAdamw', learningRate, { ...options }], scheduleFree(inner, rate, rest))
}
