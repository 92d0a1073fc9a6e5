import { boolean, check, withDefaults } from '../check.js'
import { evaluation } from '../engine/edge.js'
import { InvalidState, InvalidTree } from '../errors.js'
import { formOf } from '../transformation/absent.js'
import { concrete, evaluateTrees, liftTree } from '../transformation/edge.js'
import { checkState } from '../transformation/state.js'
import { definitionOf } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Definition, StateOf, Tree } from '../transformation/types.js'
import type { Valid } from '../transformation/valid.js'
import { type Path, written } from '../tree/path.js'
import { isContainer, type TreeOf } from '../tree/tree.js'
import { paths } from './paths.js'
import { GO_ON, rebuildBeside } from './rebuildBeside.js'

/** Options of {@link growState}. */
export interface GrowStateOptions {
  /** Whether params may be missing that were there, whose state is dropped; otherwise that is refused. @defaultValue `false` */
  readonly prune?: boolean
}

/**
 * The state for params that have become more: what it holds for the old ones is kept to the bit, arrays and all, the new ones
 * start afresh, and numbers that are one for all, such as counts of steps, go on.
 *
 * What belongs to which is found out by asking for the state of the old params and for that of the new ones. Params are the same when they
 * have the same path; those of a list get more at its end. A new param comes into
 * moments that others have had for long: their correction for the start, which goes by the count, is over for it as well.
 *
 * Laws: the state for the same params is the state; grown and pruned again it is the state.
 *
 * @example
 * const tx = scaleByAdam()
 * const [, state] = tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })
 * tree.growState(tx, state, { w: 0 }, { w: 0, head: 0 }).mu // => { w: 0.09…, head: 0 }
 * tree.growState(tx, state, { w: 0 }, { head: 0 }, { prune: true }) // => { count: 1, mu: { head: 0 }, nu: { head: 0 } }
 *
 * @throws InvalidTree for params that are missing, unless they are to be pruned; InvalidState for a state that is not that of the old
 * params, and for one that holds something of several params together.
 */
export const growState = <T extends AnyGradientTransformation, P, Q>(
  tx: T,
  state: StateOf<T>,
  oldParams: Valid<P>,
  newParams: Valid<Q>,
  options: GrowStateOptions = {}
): StateOf<T> => {
  const { init } = definitionOf('growState', tx) as Definition<unknown>
  const { prune } = withDefaults<Required<GrowStateOptions>>('growState', options, { prune: false })
  check('growState', { prune }, boolean)
  return evaluation(() => {
    const before = liftTree('growState', 'oldParams', oldParams)
    const after = liftTree('growState', 'newParams', newParams)
    if (!prune) refuseMissing(before, after)
    const [old, fresh] = [init(before), init(after)]
    // In these, params that the others do not have are null: so a list shows which of its items are theirs.
    const [staying, kept] = [init(sharedOf(before, after)), init(sharedOf(after, before))]
    checkState(old, state, before, 'growState')
    const nodes = [fresh, old, state, kept, staying]
    const grown = rebuildBeside('growState', nodes, ([now, then, own, nowKept, thenKept], path) => {
      if (now === null || then === null || then === undefined) return now
      const areNodes = isContainer(now) && isContainer(then) && Array.isArray(now) === Array.isArray(then)
      if (areNodes ? isShifted([now, nowKept], [then, thenKept]) : formOf(now) !== formOf(then)) refuseShared(path)
      return areNodes ? GO_ON : own
    })
    evaluateTrees(grown)
    return concrete(grown) as StateOf<T>
  })
}

const refuseMissing = (before: TreeOf<unknown>, after: TreeOf<unknown>): void => {
  const there = new Set(paths(after))
  const missing = paths(before).find((path) => !there.has(path))
  if (missing === undefined) return
  throw new InvalidTree(
    `growState: newParams has nothing at ${missing}, oldParams has; with prune: true its state is dropped`
  )
}

/** A node of a state, and the same node where params that others do not have are null. */
type Node = readonly [all: object, shared: unknown]

/**
 * Whether the items of a list may belong to others now: they are no trees that say so themselves, and a param that is there once
 * takes its item with it, in place of leaving null there.
 */
const isShifted = (...nodes: readonly Node[]): boolean =>
  nodes.some(([all]) => Array.isArray(all) && !all.every(isContainer)) &&
  nodes.some(([all, shared]) => !Array.isArray(shared) || shared.length !== (all as readonly unknown[]).length)

/** The params with null in place of those that others do not have. */
const sharedOf = (params: TreeOf<unknown>, others: TreeOf<unknown>): Tree =>
  rebuildBeside('growState', [params, others], ([param, other]) => {
    if (isContainer(param)) return GO_ON
    return other === undefined || other === null || isContainer(other) ? null : param
  }) as Tree

const refuseShared = (path: Path): never => {
  throw new InvalidState(
    `growState: state${written(path)} holds something of several params together, or of one that has changed its shape or dtype; only a fresh state will do`
  )
}
