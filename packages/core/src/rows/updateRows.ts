// An update of some rows: that of smaller arrays, whose rows are put back where they were.
import { GO_ON, rebuildBeside } from '../algebra/rebuildBeside.js'
import { allocate, type Data, Kind, widened } from '../array/dtype.js'
import { sizeOf } from '../array/ndarray.js'
import { evaluation } from '../engine/edge.js'
import { InvalidState } from '../errors.js'
import { Expr, type Leaf, shapeOf } from '../expression/expr.js'
import { makeLeaf } from '../expression/tape.js'
import { areAlike, formOf } from '../transformation/absent.js'
import {
  concrete,
  concreteOf,
  evaluateTrees,
  liftAt,
  liftTree,
  mapState,
  viewOf,
  viewsOf
} from '../transformation/edge.js'
import type { Definition, Tree } from '../transformation/types.js'
import { type Path, written } from '../tree/path.js'
import { isContainer, mapWithPath, walk } from '../tree/tree.js'
import { withTouchedRows } from './touchedRows.js'
import type { TouchedRows } from './types.js'

/** The updates and the next state, where only these rows of their params have a gradient. What is pending is evaluated. */
export const updateRows = (
  { init, update }: Definition<unknown, unknown>,
  touched: TouchedRows,
  updates: Tree,
  state: unknown,
  params: Tree,
  extra: unknown
): readonly [Tree, unknown] => {
  evaluateTrees(updates, state, params)
  const [grads, own] = [viewsOf(updates), viewsOf(params)]
  const before = mapState(state, viewOf)
  const [moved, next] = evaluation(() => {
    const smaller = (tree: Tree<Leaf>, name: string, of: TouchedRows = touched): Tree =>
      mapWithPath((path, leaf) => {
        const rows = of.get(path)
        const node = liftAt(leaf, name, () => path)
        return rows === undefined ? node : gathered(node as Expr, rows)
      }, tree) as Tree
    const full = init(liftTree('update', 'params', own))
    // One param at a time: so it is known what belongs to which.
    const parts = [...touched].map((part): Part => [init(smaller(own, 'params', new Map([part]))), part[1]])
    const inner = stateOfRows(before, full, parts)
    const [given, theirs] = [smaller(grads, 'grads'), smaller(own, 'params')]
    const [made, then] = withTouchedRows(null, () => update(given, inner, theirs, extra))
    evaluateTrees(made, then)
    const names = ['params', 'updates']
    const all = walk('update', names, [own, made], ([param, leaf], path) => {
      const node = liftAt(leaf, 'update: updates', path)
      const rows = touched.get(path())
      if (rows === undefined) return node instanceof Expr ? concreteOf(node) : node
      return concreteOf(scattered(resting(liftAt(param, 'params', path) as Expr, node as Expr), node as Expr, rows))
    })
    return [all, withRows(before, full, parts, concrete(then))] as const
  })
  return [liftTree('update', 'updates', moved), next]
}

/** The state for params of which one has fewer rows, and these rows. */
type Part = readonly [state: unknown, rows: Int32Array]

/** Some rows of an array. */
const gathered = (node: Expr, rows: Int32Array): Expr => {
  const [, ...rest] = shapeOf(node)
  const width = sizeOf(rest)
  const from = node.data as Data
  const data = allocate(node.kind, rows.length * width)
  rows.forEach((row, i) => data.set(from.subarray(row * width, (row + 1) * width), i * width))
  return makeLeaf(node.kind, node.shape === null ? null : [rows.length, ...rest], data)
}

/** A copy of an array with some rows in place of its own. */
const scattered = (whole: Expr, part: Expr, rows: Int32Array): Expr => {
  const width = sizeOf(shapeOf(whole).slice(1))
  const data = (whole.data as Data).slice()
  const from = part.data as Data
  rows.forEach((row, i) => data.set(from.subarray(i * width, (i + 1) * width), row * width))
  return makeLeaf(whole.kind, whole.shape, data)
}

/** Updates that move nothing, in the dtype of those that do: −0, which leaves every number what it is. */
const resting = (param: Expr, like: Expr): Expr => {
  const data = allocate(like.kind, param.size)
  data.fill(widened(like.kind) === like.kind ? -0 : MINUS_ZERO)
  return makeLeaf(like.kind, param.shape, data)
}

/** The bits of −0 in both dtypes of 16 bits. */
const MINUS_ZERO = 0x8000

/** The state with the rows alone of what goes by rows. */
const stateOfRows = (state: unknown, full: unknown, parts: readonly Part[]): unknown =>
  rebuildBeside('update', [state, full, ...parts.map(([fresh]) => fresh)], ([own, all, ...some], path) => {
    if (all === null || all === undefined) return own
    if (isContainer(all)) {
      if (!some.every((fresh) => haveAsMany(all, fresh))) refuse(path)
      return isContainer(own) ? GO_ON : own
    }
    const rows = rowsOf(all, some, parts, path)
    return rows === null ? own : concreteOf(gathered(liftAt(own, 'state', () => written(path)) as Expr, rows))
  })

/** The next state, with the other rows as they were. */
const withRows = (state: unknown, full: unknown, parts: readonly Part[], next: unknown): unknown =>
  rebuildBeside('update', [next, full, state, ...parts.map(([fresh]) => fresh)], ([then, all, own, ...some], path) => {
    if (all === null || all === undefined) return then
    if (isContainer(all)) return haveAsMany(all, then) ? GO_ON : then
    const rows = rowsOf(all, some, parts, path)
    if (rows === null) return then
    const place = (): string => written(path)
    const [whole, part] = [liftAt(own, 'state', place) as Expr, liftAt(then, 'state', place) as Expr]
    if (part.kind === whole.kind) return concreteOf(scattered(whole, part, rows))
    throw new InvalidState(`update: state${place()} would change its dtype, which rows of an array cannot`)
  })

/** The rows that a part of the state is there for; `null` where it has nothing to do with rows. */
const rowsOf = (all: unknown, some: readonly unknown[], parts: readonly Part[], path: Path): Int32Array | null => {
  const form = formOf(all)
  const differing = parts.filter((_, i) => formOf(some[i]) !== form)
  if (differing.length === 0) return null
  const [[, rows]] = differing as [Part]
  const fewer = some[parts.indexOf(differing[0] as Part)]
  if (differing.length > 1 || !isLessInRows(all, fewer, rows.length, path)) refuse(path)
  return rows
}

/** Whether two arrays have the same shape but for the number of rows. */
const isLessInRows = (all: unknown, fewer: unknown, count: number, path: Path): boolean => {
  if (fewer === undefined || fewer === null || isContainer(fewer)) return false
  const [a, b] = [all, fewer].map((leaf) => liftAt(leaf, 'state', () => written(path)))
  if (!(a instanceof Expr && b instanceof Expr) || a.kind !== b.kind || a.kind === Kind.Scalar) return false
  const [, ...rest] = shapeOf(a)
  return formOf(b) === formOf(makeLeaf(b.kind, [count, ...rest], b.data ?? allocate(b.kind, 0)))
}

const haveAsMany = (a: unknown, b: unknown): boolean =>
  areAlike(a, b) && Object.keys(a as object).length === Object.keys(b as object).length

const refuse = (path: Path): never => {
  throw new InvalidState(
    `update: state${written(path)} does not go by the rows of its param, or not for so few; leave the param out of lazyRows by partition`
  )
}
