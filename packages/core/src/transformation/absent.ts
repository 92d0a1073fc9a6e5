// Params without a gradient in a step: their gradient is `null`, and whatever a definition does is done to the others.
import { GO_ON, LEAVE_OUT, rebuildBeside } from '../algebra/rebuildBeside.js'
import { Kind, kindOf } from '../array/dtype.js'
import { isNdArray } from '../array/ndarray.js'
import { chosenEngine, withOwnEngine } from '../engine/chosen.js'
import { evaluation } from '../engine/edge.js'
import { InvalidState } from '../errors.js'
import { Expr, shapeOf } from '../expression/expr.js'
import { fullLike, type Value } from '../expression/operations.js'
import { type Path, written } from '../tree/path.js'
import { isContainer } from '../tree/tree.js'
import type { Definition, Tree } from './types.js'

// Nearly no step has any: the inside of transformations looks for them only in one of which the edge has seen that it has.
let areThere = false

/** Whether params may be without a gradient in the step that is being computed. */
export const mayBeAbsent = (): boolean => areThere

/** Runs something in which params may be without a gradient, or in which none is. */
export const withAbsences = <T>(mayBe: boolean, run: () => T): T => {
  const before = areThere
  areThere = mayBe
  try {
    return run()
  } finally {
    areThere = before
  }
}

/** Whether two nodes are lists, or both are objects. */
export const areAlike = (a: unknown, b: unknown): boolean =>
  isContainer(a) && isContainer(b) && Array.isArray(a) === Array.isArray(b)

/** A tree like the params without what has no gradient; the tree itself, when all have one. */
export const leftOut = (values: unknown, grads: unknown): unknown => {
  let isAnyOut = false
  const others = rebuildBeside('update', [values, grads], ([value, grad]) => {
    if (areAlike(value, grad)) return GO_ON
    if (grad !== null || value === null || isContainer(value)) return value
    isAnyOut = true
    return null
  })
  return isAnyOut ? others : values
}

/** The params that have a gradient; what goes wrong in looking for them went wrong before. */
export const othersIn = (params: unknown, grads: unknown): unknown => {
  try {
    return params === undefined || grads === null ? params : leftOut(params, grads)
  } catch {
    return params
  }
}

/** The gradients, or updates, with something in place of those that are `null`, in the order of the params. */
export const filledIn = (grads: unknown, params: unknown, fill: (param: unknown) => unknown): unknown =>
  rebuildBeside('update', [params, grads], ([param, grad]) => {
    if (areAlike(param, grad)) return GO_ON
    return grad === null && param !== null ? fill(param) : grad
  })

/** The update of a param that has no gradient: with it, every number stays what it is, −0 and +0 included. */
export const atRest = (param: unknown): Value => fullLike(param as Value, -0)

/**
 * An update in which some params have no gradient: that of the others as if there were no more, with the state that the
 * others have. Of the state of the rest nothing changes. Which part of it is whose is found out as the state of all params and
 * that of the others is made afresh, without anything being computed.
 */
export const updateOthers = (
  { init, update }: Pick<Definition<unknown, unknown>, 'init' | 'update'>,
  grads: Tree,
  state: unknown,
  params: Tree,
  extra: unknown
): readonly [Tree, unknown] => {
  const others = leftOut(params, grads) as Tree
  if (others === params) return update(grads, state, params, extra)
  return withAbsences(false, () => {
    // Masks that are functions of the params look at them there where they lie on a device.
    const engine = chosenEngine()
    const both = (): readonly [unknown, unknown] => [init(params), init(others)]
    const [full, fewer] = evaluation(() => (engine?.standIn === undefined ? both() : withOwnEngine(engine, both)))
    const [updates, next] = update(grads, withoutRest(state, full, fewer), others, extra)
    return [updates, withRest(state, full, fewer, next)]
  })
}

/** The state without what belongs to params that are left out. */
const withoutRest = (state: unknown, full: unknown, fewer: unknown): unknown =>
  rebuildBeside('update', [state, full, fewer], ([own, all, some], path) => {
    if (all === null || all === undefined) return own
    if (some === null) return null
    if (some === undefined) return LEAVE_OUT
    if (areAlike(all, some)) {
      refuseShifted(all as object, some as object, path)
      return isContainer(own) ? GO_ON : own
    }
    if (isContainer(all) || isContainer(some) || formOf(all) !== formOf(some)) refuseShared(path)
    return own
  })

/** The next state, with the rest as it was. */
const withRest = (state: unknown, full: unknown, fewer: unknown, next: unknown): unknown =>
  rebuildBeside('update', [state, full, fewer, next], ([own, all, some, then], path) => {
    if (all !== null && all !== undefined && (some === null || some === undefined)) return own
    if (!areAlike(own, then) || !areAlike(all, some)) return then
    const more = Object.keys(then as object).find((key) => !Object.hasOwn(own as object, key))
    if (more === undefined) return GO_ON
    throw new InvalidState(
      `update: state${written(path)} would become one with ${JSON.stringify(more)}, which it had not`
    )
  })

/** Lists may be shorter for fewer params when each item says by itself what it belongs to, as trees do. */
const refuseShifted = (all: object, some: object, path: Path): void => {
  if (!Array.isArray(all) || all.length === (some as readonly unknown[]).length) return
  if ((some as readonly unknown[]).length > all.length || !all.every(isContainer)) refuseShared(path)
}

const refuseShared = (path: Path): never => {
  throw new InvalidState(
    `update: a gradient is null, but state${written(path)} holds something of several params together; give zeros in its place, or leave the param out by masked or partition`
  )
}

/** What of an array must be the same for it to have nothing to do with the params that are left out. */
export const formOf = (leaf: unknown): string => {
  if (leaf instanceof Expr) return leaf.kind === Kind.Scalar ? 'number' : `${leaf.kind} ${shapeOf(leaf)}`
  if (leaf instanceof Float32Array || leaf instanceof Float64Array) {
    return `${kindOf(leaf instanceof Float32Array ? 'float32' : 'float64')} ${leaf.length}`
  }
  return typeof leaf === 'object' && leaf !== null && isNdArray(leaf)
    ? `${kindOf(leaf.dtype)} ${leaf.shape}`
    : typeof leaf
}
