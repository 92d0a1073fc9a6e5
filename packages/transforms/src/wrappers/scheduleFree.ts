import {
  type AnyGradientTransformation,
  add,
  castLike,
  check,
  type DType,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  InvalidOption,
  inPositiveUnitInterval,
  mul,
  nonNegative,
  optional,
  orSchedule,
  positive,
  type StateOf,
  type Tree,
  transformation,
  updatesTo,
  withDefaults
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { averageOfOne } from '../internal/averages.js'
import { dtypeOption } from '../internal/dtypeOption.js'
import { averageAt } from '../internal/scheduleFree.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scheduleFree}. */
export interface ScheduleFreeOptions {
  /** Share β of the average in the params, at which gradients are taken, in `(0, 1]`. @defaultValue `0.9` */
  readonly b1?: number
  /** Exponent r of the learning rate in the weights of the average, finite and ≥ 0. @defaultValue `2` */
  readonly weightLrPower?: number
  /**
   * How soon the average forgets, C, finite and > 0: it is of about the last 1 / (C (1 − β)) of all steps. Left out it is
   * 1 / (1 − β), the average of all.
   */
  readonly c?: number | undefined
  /** The dtype in which z is kept; by default that of the params, float32 where they are 16-bit. */
  readonly stateDtype?: DType | undefined
}

/** State of {@link scheduleFree}. */
export interface ScheduleFreeState<Inner> {
  /** How many updates were seen. */
  readonly count: number
  /** Share β of the average in the params, from which {@link scheduleFreeEvalParams} has it. */
  readonly b1: number
  /** The sum of the weights of the average. */
  readonly weightSum: number
  /** The largest learning rate so far. */
  readonly maxLr: number
  /** State of the inner transformation. */
  readonly baseOptimizerState: Inner
  /** Where the inner transformation is, shaped like the params. */
  readonly z: Tree
}

/**
 * Does without a schedule of the learning rate: the inner transformation walks, gradients are taken between where it is and the
 * average of where it was, and the average is the result.
 *
 * At step t = 1, 2, …, for the params y, the updates v of `inner` and the learning rate α, from z = p₀, W = 0 and ᾱ = 0:
 *
 *     ᾱ ← max(ᾱ, α(t))                   w = ᾱʳ
 *     W ← W + w                          c = min(C (1 − β) w / W, 1), 0 while W is 0
 *     x = (y − (1 − β) z) / β            the average so far
 *     z ← z + v
 *     x ← (1 − c) x + c z
 *     u = β x + (1 − β) z − y
 *
 * The params are y; {@link scheduleFreeEvalParams} gives x, and it is x that is to be evaluated and kept. `learningRate` is only
 * for the weights: it should be that of `inner`, which has to have no momentum of its own, β being in its place. A schedule is read
 * one step ahead of `inner`'s, as in Optax, so that a warm-up from 0 has no step of weight 0.
 *
 * Without an option `c`, C is 1 / (1 − β), and the average is that of all z with their weights w. With it, β is momentum alone, and C
 * says how much of the way the average remembers: the refined form.
 *
 * Laws: with β = 1 the params are the average of where `inner` is; a learning rate of 0 leaves the params alone; C = 1 / (1 − β) is
 * as if it were left out; a number is its constant schedule.
 *
 * Unlike Optax, where β = 0 makes all params NaN, it is refused: the average would be nowhere. {@link polyakAverage} around the inner
 * transformation is what was asked for. Unlike in Optax the steps that were seen are counted from 0.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scheduleFree(scale(-1), 1, { b1: 0.5 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * for (const w of [4, 4]) [params, state] = step(tx, { w }, state, params)
 * params // => { w: 1 }
 * state.z // => { w: 0 }
 * scheduleFreeEvalParams(state, params) // => { w: 2 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number.
 * @see Defazio et al. (2024), The Road Less Scheduled, {@link https://arxiv.org/abs/2405.15682}
 * @see Song et al. (2025), Through the River: Understanding the Benefit of Schedule-Free Methods for Language Model Training, for
 * C, {@link https://arxiv.org/abs/2507.09846}
 * @see scheduleFreeEvalParams
 */
export const scheduleFree = <T extends AnyGradientTransformation>(
  inner: T,
  learningRate: ScalarOrSchedule,
  options: ScheduleFreeOptions = {}
): GradientTransformation<ScheduleFreeState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('scheduleFree', inner)
  const { b1, weightLrPower, c, stateDtype } = withDefaults<Required<ScheduleFreeOptions>>('scheduleFree', options, {
    b1: 0.9,
    weightLrPower: 2,
    c: undefined,
    stateDtype: undefined
  })
  check('scheduleFree', { learningRate }, orSchedule(nonNegative))
  check('scheduleFree', { b1 }, inPositiveUnitInterval)
  check('scheduleFree', { weightLrPower }, nonNegative)
  check('scheduleFree', { c }, optional(positive))
  if (c !== undefined && b1 === 1) {
    throw new InvalidOption('scheduleFree: b1 must be less than 1 where c is given, got 1')
  }
  check('scheduleFree', { stateDtype }, dtypeOption)
  const pull = c === undefined ? 1 : c * (1 - b1)
  const rateAt = asSchedule(learningRate)

  return transformation<ScheduleFreeState<StateOf<T>>, ExtraOf<T>>({
    origin: ['scheduleFree', inner, learningRate, { ...options }],
    init: (params) => ({
      count: 0,
      b1,
      weightSum: 0,
      maxLr: 0,
      baseOptimizerState: init(params),
      z: averageOfOne(params, stateDtype)
    }),
    update: (updates, state, params, extra) => {
      const count = state.count + 1
      const maxLr = Math.max(state.maxLr, valueAt('scheduleFree', rateAt, count))
      const weight = pow(maxLr, weightLrPower)
      const weightSum = state.weightSum + weight
      const share = weightSum === 0 ? 0 : Math.min((pull * weight) / weightSum, 1)

      const [steps, baseOptimizerState] = update(updates, state.baseOptimizerState, params, extra)
      const z = tree.map((before, v) => castLike(add(before, v), before), state.z, steps)
      const targets = tree.map(
        (y, before, after) => {
          const x = averageAt(y, before, b1)
          return add(mul(b1, add(mul(1 - share, x), mul(share, after))), mul(1 - b1, after))
        },
        params,
        state.z,
        z
      )
      return [updatesTo(params, targets), { count, b1, weightSum, maxLr, baseOptimizerState, z }]
    }
  })
}
