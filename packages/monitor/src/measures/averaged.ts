import { biasCorrection, castLike, check, inUnitInterval, type Tree, updateMoment } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aStepMeasure, firstOf, gaugeOf } from '../internal/gauge.js'
import type { AnyStepMeasure, Pending, StatefulStepMeasure } from './stepMeasure.js'

/** State of {@link averaged}. */
export interface AveragedState {
  /** How many measurements were averaged. */
  readonly count: number
  /** Their average, before it is made up for its start at zero. */
  readonly ema: Tree
  /** The state of the measure. */
  readonly inner: unknown
}

/**
 * The exponential moving average of a measurement, for {@link measured}.
 *
 * For the measurement x at step t = 1, 2, …, from m₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) x          measurement = mₜ / (1 − βᵗ)
 *
 * Laws: with decay 0, the measure; of a measurement that stays, that, up to rounding.
 *
 * @param decay - the decay rate β, in `[0, 1)`.
 *
 * @example
 * const tx = measured(sgd(0.1), { size: averaged(normOf('gradients'), 0.5) })
 * const params = { w: 0 }
 * let state = tx.init(params)
 * for (const w of [1, 4]) state = tx.update({ w }, state, params)[1]
 * state.measurements // => { size: 3 }
 *
 * @throws InvalidOption at construction, when the decay is outside its range or there is no measure.
 * @see measureWithEma, for {@link monitor}
 */
export const averaged = <M extends AnyStepMeasure>(
  measure: M,
  decay: number
): StatefulStepMeasure<AveragedState, Pending<M>> => {
  check('averaged', { measure }, aStepMeasure)
  check('averaged', { decay }, inUnitInterval)
  const gauge = gaugeOf(measure)
  const smooth: StatefulStepMeasure<AveragedState, Pending<M>>['measure'] = (step, state, before) => {
    const count = state.count + 1
    const [x, inner] = gauge.measure(step, state.inner, before)
    const ema = tree.map((y, m) => updateMoment(y, m, decay, 1), x, state.ema)
    const average = tree.map((m, y) => castLike(biasCorrection(m, decay, count), y), ema, x)
    // Leaf by leaf an average is of the kind of what it averages.
    return [average as Pending<M>, { count, ema: tree.castLike(ema, state.ema), inner }]
  }
  return {
    init: (start) => ({ count: 0, ema: tree.zerosLike(tree.widen(firstOf(gauge, start))), inner: gauge.init(start) }),
    measure: Object.assign(smooth, { origin: ['averaged', measure, decay] })
  }
}
