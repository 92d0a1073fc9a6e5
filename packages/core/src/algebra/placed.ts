// How the functions of `tree` do their work: the quick way first, and a second walk only to say what is wrong and where.
import { Kind } from '../array/dtype.js'
import { InvalidTree, show } from '../errors.js'
import { Expr, type Operand, shapeOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { add, max, min, sameShape, type Value } from '../expression/operations.js'
import { makeFold } from '../expression/tape.js'
import { liftAt } from '../transformation/edge.js'
import type { Tree } from '../transformation/types.js'
import { type Grouped, groupedIn } from '../tree/grouping.js'
import { map, walk } from '../tree/tree.js'

const isArray = (x: Value): x is Expr => x instanceof Expr && x.kind !== Kind.Scalar

/** The result of `run`; when it fails, it is said where a leaf is none or where two trees do not fit. */
export const placed = <T>(
  owner: string,
  names: readonly string[],
  trees: readonly unknown[],
  run: () => T,
  hasOneShape = true
): T => {
  try {
    return run()
  } catch (error) {
    walk(owner, names, trees, (found, path) => {
      const values = found.map((x, i) => liftAt(x, `${owner}: ${names[i]}`, path))
      const first = hasOneShape ? values.findIndex(isArray) : -1
      values.forEach((x, i) => {
        if (first < 0 || !isArray(x) || sameShape(x, values[first] as Expr)) return
        const shapes = [x, values[first] as Expr].map((array) => show(shapeOf(array)))
        throw new InvalidTree(`${owner}: ${names[i]}${path()} has shape ${shapes[0]}, ${names[first]} has ${shapes[1]}`)
      })
      return null
    })
    throw error
  }
}

/** The tree of `f(leaf, …)`, for an `f` on arrays and numbers. */
export const mapped = (
  owner: string,
  names: readonly string[],
  trees: readonly Tree[],
  f: (...leaves: Operand[]) => Operand
): Tree => placed(owner, names, trees, () => map(f, ...trees))

/** A value out of each leaf and those at the same place in other trees, in tree order. */
export const gathered = (
  owner: string,
  names: readonly string[],
  trees: readonly Tree[],
  f: (...leaves: Operand[]) => Value
): readonly Value[] => {
  const found: Value[] = []
  mapped(owner, names, trees, (...leaves) => {
    found.push(f(...leaves))
    return 0
  })
  return found
}

/** How the values of leaves are put together, one after the other in tree order. */
export interface Fold {
  readonly op: typeof Op.Add | typeof Op.Min | typeof Op.Max
  readonly start: number
}

/** The sum of values. */
export const SUM: Fold = /* @__PURE__ */ (() => ({ op: Op.Add, start: 0 }))()

const together = ({ op }: Fold, a: Value, b: Value): Value =>
  op === Op.Add ? add(a, b) : op === Op.Max ? max(a, b) : min(a, b)

/** A value out of each leaf, and those at the same place in other trees, all put together in tree order. */
export const folded = (
  owner: string,
  names: readonly string[],
  trees: readonly Tree[],
  fold: Fold,
  f: (...leaves: Operand[]) => Value
): Value => {
  const grouping = trees.map(groupedIn).find((grouped) => grouped !== undefined)?.grouping
  if (grouping === undefined) {
    return gathered(owner, names, trees, f).reduce<Value>((total, value) => together(fold, total, value), fold.start)
  }
  const { order, places } = grouping
  const { values } = groupedIn(mapped(owner, names, trees, f)) as Grouped
  return makeFold({ ...fold, order, places, values: values as readonly (Value | null)[] })
}
