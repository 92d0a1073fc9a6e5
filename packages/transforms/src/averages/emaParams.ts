import {
  type AnyGradientTransformation,
  boolean,
  castLike,
  check,
  type DType,
  definitionOf,
  type ExtraOf,
  fillAbsent,
  type GradientTransformation,
  inUnitInterval,
  leaveOutAbsent,
  oneOf,
  optional,
  orSchedule,
  paramsAfter,
  positiveInteger,
  type Requirement,
  required,
  type StateOf,
  sub,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { averageOfOne, averageTowards, hasMoved } from '../internal/averages.js'
import { dtypeOption } from '../internal/dtypeOption.js'

/** Options of {@link emaParams}. */
export interface EmaParamsOptions {
  /** Decay rate β of the average, in `[0, 1)`: it reaches back about 1 / (1 − β) steps. Or a schedule of such rates. */
  readonly decay: ScalarOrSchedule
  /** Whether the average is one from zero, made up for that: the params before the first update do not count. @defaultValue `true`, unless `start` is given */
  readonly debias?: boolean | undefined
  /** Where an average that is not debiased starts: at the params, or at those that the first update leads to. @defaultValue `'params'` */
  readonly start?: 'params' | 'firstUpdate' | undefined
  /** How many updates there are until the params are set to the average, again and again, a whole number ≥ 1. @defaultValue never */
  readonly overwritePeriod?: number | undefined
  /** The dtype in which the average is kept. @defaultValue that of the params, float32 where they are 16-bit */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link emaParams}. */
export interface EmaParamsState<Inner> {
  /** How many updates were made. */
  readonly count: number
  /** The product of all decay rates so far: the weight that is left of where an average began. */
  readonly decayed: number
  /** The average a, debiased already, shaped like the params; before the first update, the params. */
  readonly average: Tree
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Keeps an exponential moving average of the params beside the inner optimizer, whose updates it does not touch: the params
 * to evaluate with, read by {@link averagedParams}.
 *
 * For the params p at step t = 1, 2, …, the inner update u and β = decay, from a₀ = p₀:
 *
 *     aₜ = aₜ₋₁ + wₜ (p + u − aₜ₋₁)        wₜ = (1 − βₜ) / (1 − β₁ ⋯ βₜ)        1 − βₜ unless debias
 *
 * With debias that is the average from zero divided by 1 − βᵗ: the params before the first update have no weight. Without, it
 * starts at p₀ or, with `start: 'firstUpdate'`, at p₁, w₁ = 1, as in PyTorch, Keras and timm. A schedule is asked for βₜ with
 * t − 1; timm's warmup is `(n) => n < 2 ? 0 : Math.min(d, 1 - n ** (-2 / 3))`.
 *
 * With `overwritePeriod` the params become the average after every so many updates, p + u = a, as with Keras's
 * `ema_overwrite_frequency`; what the inner transformation then goes on from is the average.
 *
 * It stands outermost, or last in a chain: what changes its updates afterwards separates the params from those averaged.
 * Right around {@link multiSteps} it counts the updates of that and no mini-batch which only accumulates; where more than that
 * is inside, it goes inside instead: `multiSteps(emaParams(tx), 4)`. The average of 16-bit params is float32 unless
 * `accumulatorDtype` says otherwise: a 16-bit one does not see small steps.
 *
 * Laws: the updates of `inner`, unless they overwrite; the average is between the least and the largest params so far; with
 * decay 0, the params; linear in the params; a constant schedule is the number; around and inside multiSteps it is the same.
 *
 * @example
 * const tx = emaParams(scale(-1), { decay: 0.5 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * for (const w of [2, 3]) [params, state] = step(tx, { w }, state, params)
 * params // => { w: 3 }
 * averagedParams(state, params) // => { w: 4 }
 *
 * @example
 * const tx = emaParams(scale(-1), { decay: 0.5, start: 'firstUpdate' })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * for (const w of [2, 3]) [params, state] = step(tx, { w }, state, params)
 * averagedParams(state, params) // => { w: 4.5 }
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range, and for a start where the
 * average is debiased; at update, for a decay rate of a schedule that is outside its range.
 * @see Polyak and Juditsky (1992), Acceleration of Stochastic Approximation by Averaging, {@link https://doi.org/10.1137/0330046}
 * @see swa, polyakAverage, averagedParams; ema, which averages updates.
 */
export const emaParams = <T extends AnyGradientTransformation>(
  inner: T,
  options: EmaParamsOptions
): GradientTransformation<EmaParamsState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('emaParams', inner)
  const given = withDefaults<Required<EmaParamsOptions>>('emaParams', options, {
    decay: required,
    debias: undefined,
    start: undefined,
    overwritePeriod: undefined,
    accumulatorDtype: undefined
  })
  const { decay, start, overwritePeriod, accumulatorDtype } = given
  check('emaParams', { decay }, orSchedule(inUnitInterval))
  check('emaParams', { debias: given.debias }, optional(boolean))
  const debias = given.debias ?? start === undefined
  check('emaParams', { start }, debias ? leftOut : optional(oneOf('params', 'firstUpdate')))
  check('emaParams', { overwritePeriod }, optional(positiveInteger))
  check('emaParams', { accumulatorDtype }, dtypeOption)
  const decayAt = asSchedule(decay)

  return transformation<EmaParamsState<StateOf<T>>, ExtraOf<T>>({
    origin: ['emaParams', inner, { ...options }],
    init: (params) => ({
      count: 0,
      decayed: 1,
      average: averageOfOne(params, accumulatorDtype),
      innerState: init(params)
    }),
    update: (updates, state, params, extra) => {
      const [transformed, innerState] = update(updates, state.innerState, params, extra)
      if (!hasMoved(state.innerState, innerState)) return [transformed, { ...state, innerState }]
      const count = state.count + 1
      const rate = decayAt(state.count)
      check('emaParams', { [`decay(${state.count})`]: rate }, inUnitInterval)
      const decayed = state.decayed * rate
      const isFirst = start === 'firstUpdate' && count === 1
      const share = isFirst ? 1 : debias ? (1 - rate) / (1 - decayed) : 1 - rate
      const average = averageTowards(state.average, paramsAfter(params, fillAbsent(transformed, params)), share)
      const next = { count, decayed, average, innerState }
      if (overwritePeriod === undefined || count % overwritePeriod > 0) return [transformed, next]
      const overwritten = tree.map((p, a) => sub(castLike(a, p), p), params, average)
      return [leaveOutAbsent(overwritten, transformed), next]
    },
    takesNull: true
  })
}

const leftOut: Requirement = {
  what: 'left out where the average is debiased',
  holds: (value) => value === undefined
}
