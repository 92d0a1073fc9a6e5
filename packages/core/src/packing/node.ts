import type { Kind } from '../array/dtype.js'
import { Kind as Kinds } from '../array/dtype.js'
import { Expr, isGroup, type OpaqueFunction } from '../expression/expr.js'
import { calling } from '../expression/methods/calling.js'
import { Op } from '../expression/op.js'
import { make } from '../expression/tape.js'
import { asked } from '../watch.js'
import { forEachFormat, type PackedFormat } from './format.js'
import { PACKED, type PackingCall, packBy } from './packing.js'
import { PACKINGS } from './packings.js'

/** What is to be made. */
interface Result {
  readonly kind: Kind
  readonly shape: readonly number[] | null
  readonly size: number
}

/** Numbers that nobody reads: a node with one among its operands is not taken for one that does something else. */
const marks = /* @__PURE__ */ (() => {
  const mark = (): Expr => new Expr(Op.Leaf, Kinds.Scalar, null, 1, null, null, null)
  return { true: forEachFormat(mark), false: forEachFormat(mark) }
})()

/** A node that packs or unpacks: a function to engines that know nothing of it, and a part of a pass to those that do. */
export const packingNode = (packs: boolean, format: PackedFormat, f: OpaqueFunction, a: Expr, result: Result): Expr => {
  packBy(PACKINGS)
  if (isGroup(a)) asked()
  const mark = marks[`${packs}`][format]
  const node = make(Op.Opaque, result.kind, result.shape, result.size, null, null, mark, [a])
  const detail: PackingCall = { method: calling, f, packing: { packs, kind: PACKED[format] } }
  node.detail = detail
  return node
}
