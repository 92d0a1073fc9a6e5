import { check, positiveInteger } from '@gradchain/core'
import { aStepMeasure, gaugeOf } from '../internal/gauge.js'
import type { AnyStepMeasure, Pending, StatefulStepMeasure } from './stepMeasure.js'

/** State of {@link everySteps}. */
export interface EveryStepsState {
  /** How many steps were taken. */
  readonly count: number
  /** The state of the measure. */
  readonly inner: unknown
}

/**
 * Measures the first step and each `period`-th after it, for {@link measured}; in between the last measurement stays, and costs nothing.
 *
 * Laws: with period 1, the measure; what is not measured is not seen by a measure that remembers either.
 *
 * @param period - a whole number ≥ 1.
 *
 * @example
 * const tx = measured(sgd(0.1), { size: everySteps(2, normOf('gradients')) })
 * const params = { w: 0 }
 * let state = tx.init(params)
 * const sizes: unknown[] = []
 * for (const w of [1, 2, 3, 4]) {
 *   state = tx.update({ w }, state, params)[1]
 *   sizes.push(state.measurements.size)
 * }
 * sizes // => [1, 1, 3, 3]
 *
 * @throws InvalidOption at construction, when the period is no whole number ≥ 1 or there is no measure.
 */
export const everySteps = <M extends AnyStepMeasure>(
  period: number,
  measure: M
): StatefulStepMeasure<EveryStepsState, Pending<M>> => {
  check('everySteps', { period }, positiveInteger)
  check('everySteps', { measure }, aStepMeasure)
  const gauge = gaugeOf(measure)
  const take: StatefulStepMeasure<EveryStepsState, Pending<M>>['measure'] = (step, { count, inner }, before) => {
    if (count % period !== 0) return [before, { count: count + 1, inner }]
    const [measured, next] = gauge.measure(step, inner, before)
    // It has the type that the measure gives.
    return [measured as Pending<M>, { count: count + 1, inner: next }]
  }
  return {
    init: (start) => ({ count: 0, inner: gauge.init(start) }),
    measure: Object.assign(take, { origin: ['everySteps', period, measure] })
  }
}
