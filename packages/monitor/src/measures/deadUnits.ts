import {
  abs,
  check,
  div,
  type Leaf,
  lessEqual,
  maxOf,
  nonNegative,
  type Operand,
  type Requirement,
  shapeOf,
  sum,
  type Tree,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { aQuantity, treeOf } from '../internal/quantity.js'
import { aScope, type ScopeOptions, scoped } from '../internal/scoped.js'
import { withMeasureOrigin } from '../internal/withMeasureOrigin.js'
import type { Quantity, Scope, Scoped, StepMeasure } from './stepMeasure.js'

/** Options of {@link deadUnits}. */
export interface DeadUnitsOptions<By extends Scope = Scope> extends ScopeOptions<By> {
  /** What is looked at. @defaultValue `'gradients'` */
  readonly of?: Quantity
  /** The axis of the units, counted from the end where it is negative, a whole number. @defaultValue `-1` */
  readonly axis?: number
  /** Up to which magnitude an element counts as 0, finite and ≥ 0. @defaultValue `0` */
  readonly threshold?: number
}

/**
 * The share of units that no gradient reaches, for {@link measured}: those of a layer behind a ReLU that is never above 0.
 *
 * A unit is what stands at one place of the axis, such as a column of a kernel of shape [inputs, units]; where an array has no such
 * axis each element is one. It is dead when all its elements are at most `threshold`. 0 where there are no units.
 *
 * Laws: in [0, 1]; grows with the threshold; the order of units, and that of the elements of one, do not matter.
 *
 * @example
 * const tx = measured(sgd(0.1), { dead: deadUnits() })
 * const params = { kernel: ndarray([1, 1, 1, 1], [2, 2]), bias: [0, 0] }
 * const [, state] = tx.update({ kernel: ndarray([0, 5, 0, -5], [2, 2]), bias: [0, 1] }, tx.init(params), params)
 * state.measurements // => { dead: 0.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 */
export const deadUnits = <By extends Scope = 'all'>(options: DeadUnitsOptions<By> = {}): StepMeasure<Scoped<By>> => {
  const { by, of, axis, threshold } = withDefaults<{ by: Scope; of: Quantity; axis: number; threshold: number }>(
    'deadUnits',
    options,
    { by: 'all', of: 'gradients', axis: -1, threshold: 0 }
  )
  check('deadUnits', { of }, aQuantity)
  check('deadUnits', { by }, aScope)
  check('deadUnits', { axis }, wholeNumber)
  check('deadUnits', { threshold }, nonNegative)

  return withMeasureOrigin(['deadUnits', { ...options }], (step) =>
    scoped<By>(
      by,
      (values) => {
        let units = 0
        const dead = tree.map((x) => {
          const found = unitsOf(x, axis)
          units += found.count
          return sum(where(lessEqual(found.largest, threshold), 1, 0))
        }, values)
        return div(tree.sum(dead), Math.max(1, units))
      },
      treeOf(of, step)
    )
  )
}

const wholeNumber: Requirement = { what: 'a whole number', holds: Number.isSafeInteger }

/** The largest magnitude of each unit, and how many units there are. */
const unitsOf = (x: Operand, axis: number): { readonly largest: Value; readonly count: number } => {
  const shape = shapeOf(x)
  const own = axis < 0 ? axis + shape.length : axis
  const others = shape.flatMap((_, i) => (i === own ? [] : [i]))
  const isAlone = own < 0 || own >= shape.length || others.length === 0
  if (isAlone) return { largest: abs(x), count: tree.size(x as Tree<Leaf>) }
  return { largest: maxOf(abs(x), others), count: shape[own] as number }
}
