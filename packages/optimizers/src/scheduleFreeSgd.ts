import {
  chain,
  check,
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
  type Mask,
  type ScaleByScheduleState,
  type ScheduleFreeOptions,
  type ScheduleFreeState,
  scaleByLearningRate,
  scheduleFree
} from '@gradchain/transforms'
import { warmedUp } from './internal/warmedUp.js'

/** Options of {@link scheduleFreeSgd}: those of `scheduleFree`, a warm-up and a weight decay. */
export interface ScheduleFreeSgdOptions<P = Tree<Leaf>, M = never> extends ScheduleFreeOptions {
  /** How many steps the learning rate rises for, from 0 along a line, a whole number ≥ 0. @defaultValue `0` */
  readonly warmupSteps?: number
  /** Share λ of the params that is added to the gradient, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link scheduleFreeSgd}. */
export type ScheduleFreeSgdState = ScheduleFreeState<readonly [AddDecayedWeightsState, ScaleByScheduleState]>

/**
 * Schedule-free gradient descent: no schedule of the learning rate, and an average in place of momentum.
 *
 *     scheduleFree(
 *       chain(addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(α)),
 *       α,
 *       { b1, weightLrPower, c, stateDtype }
 *     )
 *
 * where α is the learning rate, after the warm-up. Gradients are taken at the params y, `scheduleFreeEvalParams` gives x, which is
 * what to evaluate and keep:
 *
 *     z ← z − α (g + λ y)
 *     x ← (1 − c) x + c z           c = αʳ over the sum of all of them, with r = weightLrPower
 *     y ← β x + (1 − β) z
 *
 * and with an option c, the C of `scheduleFree`, C (1 − β) times that, at most 1.
 *
 * Laws: without a warm-up and with r = 0 it is the plain average; a number is its constant schedule.
 *
 * Unlike Optax, where a warm-up of 0 steps never moves, that is none.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule, when there is no warm-up; 1 by default.
 *
 * @example
 * const tx = scheduleFreeSgd(0.5)
 * let params = { w: 8 }
 * let state = tx.init(params)
 * for (let t = 0; t < 40; t++) {
 *   // f = w² / 2
 *   ;[params, state] = step(tx, { w: params.w }, state, params)
 * }
 * Math.abs(scheduleFreeEvalParams(state, params).w) < 0.5 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Defazio et al. (2024), The Road Less Scheduled, algorithm 1, {@link https://arxiv.org/abs/2405.15682}
 * @see scheduleFreeAdamw
 */
export const scheduleFreeSgd = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 1,
  options: ScheduleFreeSgdOptions<P, M> = {}
): GradientTransformation<ScheduleFreeSgdState> => {
  const { warmupSteps, weightDecay, mask, ...rest } = withDefaults<Required<ScheduleFreeSgdOptions<P, M>>>(
    'scheduleFreeSgd',
    options,
    { warmupSteps: 0, b1: 0.9, weightLrPower: 2, c: undefined, stateDtype: undefined, weightDecay: 0, mask: true }
  )
  check('scheduleFreeSgd', { weightDecay }, orSchedule(nonNegative))
  const rate = warmedUp('scheduleFreeSgd', learningRate, warmupSteps)

  return withOrigin(
    ['scheduleFreeSgd', learningRate, { ...options }],
    scheduleFree(chain(addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(rate)), rate, rest)
  )
}
