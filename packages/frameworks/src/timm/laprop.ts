import {
  add,
  castLike,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  orSchedule,
  type Tree,
  transformation,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { mulSchedules, type ScalarOrSchedule, type Schedule } from '@gradchain/schedules'
import { type DecayFirstState, type ScaleByAdamState, scale, scaleByAdam } from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { rateOf } from '../internal/rateOf.js'
import { shrinkAfter } from '../internal/shrinkAfter.js'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link laprop}. */
export interface LapropOptions extends CautionOptions {
  /** Decay rates β₁ of the mean of steps and β₂ of the second moment, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-15` */
  readonly eps?: number
  /** Share λ of the params that is taken off after each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
}

/** State of the mean of steps of {@link laprop}. */
export interface LapropMeanState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean m of steps, each with its learning rate, shaped like the params. */
  readonly mu: Tree
  /** The mean of learning rates, from 0. */
  readonly rate: number
}

/** State of {@link laprop}. */
export type LapropState = DecayFirstState<readonly [readonly [ScaleByAdamState, LapropMeanState], EmptyState]>

/**
 * timm's `LaProp`: LaProp whose steps are averaged with the learning rates they were taken with.
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) αₜ g / (√v̂ + eps)         aₜ = β₁ aₜ₋₁ + (1 − β₁) αₜ
 *     uₜ = −mₜ αₜ / aₜ
 *
 * With a number for a learning rate it is `laprop(learningRate, { b1, b2, eps })`; while a schedule changes, what was gathered before is
 * scaled twice. The decay shrinks the params after the step. The learning rate is 4e-4 by default, that of the paper.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `4e-4` by default.
 *
 * @example
 * const tx = timm.laprop(0.5, { eps: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 7.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const laprop = (
  learningRate: ScalarOrSchedule = 4e-4,
  options: LapropOptions = {}
): GradientTransformation<LapropState> => {
  const owner = 'timm.laprop'
  const { betas, eps, weightDecay, caution } = withDefaults<Required<LapropOptions>>(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-15,
    weightDecay: 0,
    caution: false
  })
  const { b1, b2 } = namedBetas(owner, betas)
  check(owner, { weightDecay }, orSchedule(nonNegative))
  check(owner, { 'betas[0]': b1 }, inUnitInterval)
  const rate = rateOf(learningRate)
  check(owner, { learningRate: rate(0) }, nonNegative)
  const direction = heeding(owner, caution, chain(scaleByAdam({ b1: 0, b2, eps }), meanOfSteps(rate, b1)))
  return withOrigin(
    ['timm.laprop', learningRate, { ...options }],
    shrinkAfter(owner, chain(direction, scale(-1)), mulSchedules(weightDecay, rate), 'share')
  )
}

/** The mean of steps, with their learning rates. */
const meanOfSteps = (rateAt: Schedule, b1: number): GradientTransformation<LapropMeanState> =>
  transformation<LapropMeanState>({
    init: (params) => ({ count: 0, mu: tree.zerosLike(tree.widen(params)), rate: 0 }),
    update: (updates, state) => {
      const now = rateAt(state.count)
      const rate = b1 * state.rate + (1 - b1) * now
      const mu = tree.map((d, m) => add(mul((1 - b1) * now, d), mul(b1, m)), updates, state.mu)
      const share = now === 0 ? 1 : now / rate
      const emitted = tree.map((m, d) => castLike(mul(share, m), d), mu, updates)
      return [emitted, { count: state.count + 1, mu: tree.castLike(mu, state.mu), rate }]
    }
  })
