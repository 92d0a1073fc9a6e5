import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  InvalidOption,
  type StateOf,
  show,
  type Tree,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aStepMeasure, firstOf, gaugeOf, startingStep } from '../internal/gauge.js'
import type { AnyStepMeasure, StepMeasurement, StepMeasureState } from './stepMeasure.js'

/** State of {@link measured}. */
export interface MeasuredState<Inner, M> {
  /** What was measured of the last step, by name; before the first, of one whose gradients and updates are zero. */
  readonly measurements: { readonly [K in keyof M]: StepMeasurement<M[K]> }
  /** The states of the measures, by name. */
  readonly measureStates: { readonly [K in keyof M]: StepMeasureState<M[K]> }
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * An optimizer whose state says what its last step was like: how large it was beside the params, how large the gradients were, whether both
 * point the same way.
 *
 *     u = inner(g)         measurements[name] = measures[name]({ gradients: g, updates: u, params, state })
 *
 * A measure is a function of trees of expressions, and what it gives is computed in the same pass as the step. In a
 * `transient` it is read from `run.state`, where a number is a number and no snapshot is needed.
 *
 * Laws: the updates of `inner`; a measure changes nothing that another one says.
 *
 * @param inner - a whole optimizer, so that the updates are those that are added to the params.
 * @param measures - by name, such as {@link updateRatio}, {@link normOf}, {@link descentCosine}, or a function of your own.
 *
 * @example
 * const tx = measured(sgd(0.1), { ratio: updateRatio(), norms: normOf('gradients', { by: 'leaf' }) })
 * const run = transient(tx, { w: new Float32Array([6, 8]), b: 0 })
 * run.step({ w: new Float32Array([3, 4]), b: 0 })
 * run.state.measurements // => { ratio: 0.0500…, norms: { w: 5, b: 0 } }
 *
 * @throws InvalidOption at construction, for what is no measure; InvalidTree where a measurement is no tree of numbers and
 * arrays, or has another structure than the first.
 * @see monitor, which sees what passes at its place of a chain; {@link scalarsOf}, which makes rows of measurements.
 */
export const measured = <T extends AnyGradientTransformation, const M extends Readonly<Record<string, AnyStepMeasure>>>(
  inner: T,
  measures: M
): GradientTransformation<MeasuredState<StateOf<T>, M>, ExtraOf<T>> => {
  const { init, update } = definitionOf('measured', inner)
  if (typeof measures !== 'object' || measures === null || Array.isArray(measures)) {
    throw new InvalidOption(`measured: measures must be an object, got ${show(measures)}`)
  }
  check('measured', measures, aStepMeasure)
  const gauges = Object.entries(measures).map(([name, measure]) => [name, gaugeOf(measure)] as const)
  const stateOf = (found: readonly (readonly [string, Tree, unknown])[], innerState: unknown) =>
    // Evaluated where the transformation returns, as all of its state; name by name what the measures say.
    ({
      measurements: Object.fromEntries(found.map(([name, measurement]) => [name, measurement])),
      measureStates: Object.fromEntries(found.map(([name, , next]) => [name, next])),
      innerState
    }) as unknown as MeasuredState<StateOf<T>, M>

  return transformation<MeasuredState<StateOf<T>, M>, ExtraOf<T>>({
    origin: ['measured', inner, { ...measures }],
    init: (params) => {
      const innerState = init(params)
      const start = startingStep(params, innerState)
      return stateOf(
        gauges.map(([name, gauge]) => [name, firstOf(gauge, start), gauge.init(start)]),
        innerState
      )
    },
    update: (gradients, { measurements, measureStates, innerState }, params, extra) => {
      const [updates, state] = update(gradients, innerState, params, extra)
      const step = { gradients, updates, params, state }
      const found = gauges.map(([name, { measure }]) => {
        const before = measurements[name] as Tree
        const [measurement, next] = measure(step, measureStates[name], before)
        return [name, tree.castLike(measurement, before), next] as const
      })
      return [updates, stateOf(found, state)]
    }
  })
}
