import type { Requirement, Tree } from '@gradchain/core'
import type { Quantity, TakenStep } from '../measures/stepMeasure.js'

const NAMES: readonly unknown[] = ['gradients', 'updates', 'params']

/** What may be measured. */
export const aQuantity: Requirement = {
  what: 'one of "gradients", "updates", "params", or a function of the step',
  holds: (value) => typeof value === 'function' || NAMES.includes(value)
}

/** The tree of a step that is meant. */
export const treeOf = (quantity: Quantity, step: TakenStep): Tree =>
  typeof quantity === 'function' ? quantity(step) : step[quantity]
