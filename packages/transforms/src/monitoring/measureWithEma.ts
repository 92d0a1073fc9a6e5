import {
  biasCorrection,
  boolean,
  callable,
  castLike,
  check,
  inUnitInterval,
  type Tree,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { measuredAtInit } from '../internal/measured.js'
import type { EmaOptions, EmaState } from '../momentum/ema.js'
import type { Measure, StatefulMeasure } from './measure.js'

/** Options of {@link measureWithEma}: those of `ema`. */
export type MeasureWithEmaOptions = EmaOptions

/**
 * The exponential moving average of a measurement, for {@link monitor}.
 *
 * For the measurement x at step t = 1, 2, … and β = decay, from m₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) x
 *     measurement = mₜ / (1 − βᵗ)        (mₜ unless debias)
 *
 * Laws: the average that `ema` makes of updates, of the measurements; with decay 0, the measure; linear in the measurements.
 *
 * @param measure - what is averaged, as in {@link snapshot}.
 * @param decay - the decay rate β, in `[0, 1)`.
 *
 * @example
 * const isClipped = (updates: Tree) => greater(tree.norm(updates), 1)
 * const tx = chain(monitor({ share: measureWithEma(isClipped, 0.5) }), clipByGlobalNorm(1))
 * const params = { w: 0 }
 * let state = tx.init(params)
 * for (const w of [3, 0.5]) state = tx.update({ w }, state, params)[1]
 * read(state[0].measurements.share).toFixed(4) // => '0.3333'
 *
 * @throws InvalidOption at construction, when an option is outside its range or the measure is no function.
 * @see ema, which averages the updates themselves.
 */
export const measureWithEma = <M extends Tree>(
  measure: Measure<M>,
  decay: number,
  options: MeasureWithEmaOptions = {}
): StatefulMeasure<EmaState, M> => {
  check('measureWithEma', { measure }, callable)
  const { debias, accumulatorDtype } = withDefaults<Required<EmaOptions>>('measureWithEma', options, {
    debias: true,
    accumulatorDtype: undefined
  })
  check('measureWithEma', { decay }, inUnitInterval)
  check('measureWithEma', { debias }, boolean)
  check('measureWithEma', { accumulatorDtype }, dtypeOption)

  const averaged: StatefulMeasure<EmaState, M>['measure'] = (updates, state, params) => {
    const count = state.count + 1
    const measured: Tree = measure(updates, params)
    const next = tree.map((x, m) => updateMoment(x, m, decay, 1), measured, state.ema)
    const average = tree.map((m, x) => castLike(debias ? biasCorrection(m, decay, count) : m, x), next, measured)
    // Leaf by leaf an average is of the kind of what it averages.
    return [average as M, { count, ema: tree.castLike(next, state.ema) }]
  }
  return {
    init: (params) => ({
      count: 0,
      ema: tree.zerosLike(tree.widen(measuredAtInit(measure, params)), accumulatorDtype)
    }),
    measure: Object.assign(averaged, { origin: ['measureWithEma', measure, decay, { ...options }] })
  }
}
