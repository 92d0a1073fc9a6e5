import type { Requirement, Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { AnyStepMeasure, TakenStep } from '../measures/stepMeasure.js'

/** A measure of either kind. */
export interface Gauge {
  readonly init: (step: TakenStep) => unknown
  readonly measure: (step: TakenStep, state: unknown, before: Tree) => readonly [Tree, unknown]
}

/** What is a measure. */
export const aStepMeasure: Requirement = {
  what: 'a function of a step, or a measure { init, measure }',
  holds: (value) => {
    if (typeof value === 'function') return true
    if (typeof value !== 'object' || value === null) return false
    const { init, measure } = value as { readonly init?: unknown; readonly measure?: unknown }
    return typeof init === 'function' && typeof measure === 'function'
  }
}

export const gaugeOf = (measure: AnyStepMeasure): Gauge => {
  if (typeof measure === 'function') return { init: () => ({}), measure: (step, state) => [measure(step), state] }
  // What it is was checked; what it remembers is its own.
  return measure as unknown as Gauge
}

/** The measurement of a step whose gradients and updates are zero. It says which form measurements have. */
export const firstOf = ({ init, measure }: Gauge, start: TakenStep): Tree => {
  const measured = measure(start, init(start), 0)[0]
  // Numbers and arrays alone are measurements.
  return tree.castLike(measured, measured)
}

/** The step before the first. */
export const startingStep = (params: Tree, state: unknown): TakenStep => {
  const zeros = tree.zerosLike(params)
  return { gradients: zeros, updates: zeros, params, state }
}
