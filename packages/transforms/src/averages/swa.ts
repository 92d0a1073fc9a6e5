import {
  type AnyGradientTransformation,
  check,
  type DType,
  definitionOf,
  type ExtraOf,
  fillAbsent,
  type GradientTransformation,
  paramsAfter,
  positiveInteger,
  required,
  type StateOf,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import { averageOfOne, averageTowards, hasMoved } from '../internal/averages.js'
import { dtypeOption } from '../internal/dtypeOption.js'

/** Options of {@link swa}. */
export interface SwaOptions {
  /** The update after which params are averaged for the first time, a whole number ≥ 1. */
  readonly start: number
  /** How many updates there are from one averaging to the next, a whole number ≥ 1. @defaultValue `1` */
  readonly period?: number
  /** The dtype in which the average is kept. @defaultValue that of the params, float32 where they are 16-bit */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link swa}. */
export interface SwaState<Inner> {
  /** How many updates were made. */
  readonly count: number
  /** How many params are in the average. */
  readonly averaged: number
  /** The average, shaped like the params; the params themselves while none are in it. */
  readonly average: Tree
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Stochastic weight averaging: keeps the mean of the params at the end of every period beside the inner optimizer, whose
 * updates it does not touch. {@link averagedParams} reads it.
 *
 * For the params p and the inner update u at step t = 1, 2, …, from n = 0:
 *
 *     a = p + u                             while t < start
 *     n ← n + 1,  a ← a + (p + u − a) / n   at t = start, start + period, start + 2 period, …
 *
 * It goes well with a constant or a cyclic learning rate after `start`, and stands outermost, or last in a chain; right
 * around {@link multiSteps} it counts the updates of that, not the mini-batches. Where a
 * model keeps statistics of its activations (batch normalisation), these are to be computed anew for the average.
 *
 * Laws: the updates of `inner`; the average is the mean of the params at these steps; before the first, it is the params.
 *
 * @example
 * const tx = swa(scale(-1), { start: 2, period: 2 })
 * let params = { w: 10 }
 * let state = tx.init(params)
 * for (let t = 1; t <= 4; t++) [params, state] = step(tx, { w: 1 }, state, params)
 * averagedParams(state, params) // => { w: 7 }
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see Izmailov et al. (2018), Averaging Weights Leads to Wider Optima and Better Generalization, algorithm 1,
 * {@link https://arxiv.org/abs/1803.05407}
 * @see polyakAverage, emaParams, averagedParams
 */
export const swa = <T extends AnyGradientTransformation>(
  inner: T,
  options: SwaOptions
): GradientTransformation<SwaState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('swa', inner)
  const { start, period, accumulatorDtype } = withDefaults<Required<SwaOptions>>('swa', options, {
    start: required,
    period: 1,
    accumulatorDtype: undefined
  })
  check('swa', { start, period }, positiveInteger)
  check('swa', { accumulatorDtype }, dtypeOption)

  return transformation<SwaState<StateOf<T>>, ExtraOf<T>>({
    origin: ['swa', inner, { ...options }],
    init: (params) => ({
      count: 0,
      averaged: 0,
      average: averageOfOne(params, accumulatorDtype),
      innerState: init(params)
    }),
    update: (updates, state, params, extra) => {
      const [transformed, innerState] = update(updates, state.innerState, params, extra)
      if (!hasMoved(state.innerState, innerState)) return [transformed, { ...state, innerState }]
      const count = state.count + 1
      if (count >= start && (count - start) % period > 0) return [transformed, { ...state, count, innerState }]
      const averaged = count < start ? 0 : state.averaged + 1
      const share = 1 / Math.max(1, averaged)
      const average = averageTowards(state.average, paramsAfter(params, fillAbsent(transformed, params)), share)
      return [transformed, { count, averaged, average, innerState }]
    },
    takesNull: true
  })
}
