import { div, equal, oneOf, type Requirement, type Tree, type Value, where } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Scope, Scoped } from '../measures/stepMeasure.js'

/** Options of the measures that give a number for all arrays, or one for each. */
export interface ScopeOptions<By extends Scope> {
  /** Whether to give one number for all arrays together, `'all'`, or one for each, `'leaf'`. @defaultValue `'all'` */
  readonly by?: By
}

/** What {@link ScopeOptions} may be. */
export const aScope: Requirement = /* @__PURE__ */ oneOf('all', 'leaf')

/** A number out of two trees, or out of two leaves at each place of them: a leaf is a tree, too. */
export const scoped = <By extends Scope>(
  by: Scope,
  f: (a: Tree, b: Tree) => Value,
  a: Tree,
  b: Tree = a
): Scoped<By> => {
  const found: Tree = by === 'leaf' ? tree.map((x, y) => f(x, y), a, b) : f(a, b)
  // Which of the two it is depends on the value that the type stands for.
  return found as Scoped<By>
}

/** a / b, and 0 where there is nothing to be divided. */
export const ratio = (a: Value, b: Value): Value => where(equal(a, 0), 0, div(a, b))
