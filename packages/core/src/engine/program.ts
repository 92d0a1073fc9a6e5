import { type Data, Kind } from '../array/dtype.js'
import { roundTo } from '../array/half.js'
import { type Child, Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { newPass } from './order.js'
import type { Pass } from './plan.js'
import { numberOf } from './scalar.js'

/** The instructions of a program that are no operations. */
export const Code = {
  /** `Input, kind`: the next input array. */
  Input: 100,
  /** `Scalar, kind`: the next scalar, in every place. */
  Scalar: 101,
  /** `Output, register`: the next output array. */
  Output: 102
} as const

/**
 * A pass as straight-line code with its operands. `code` alone decides which kernel runs it, to the last number: the
 * operations in order with the registers they read and the dtypes, which registers are outputs, and, as equal arrays share
 * a register, which inputs are the same array.
 *
 * Registers are numbered in the order in which they are written. An operation reads `op, kind, a, b, c`; a reduction
 * `op, a, b`.
 */
export interface Program {
  readonly code: readonly number[]
  readonly size: number
  readonly inputs: readonly Data[]
  readonly inputKinds: readonly Kind[]
  readonly scalars: readonly number[]
  readonly scalarKinds: readonly Kind[]
  /** Which node each scalar is an operand of, and which of its operands (0, 1 or 2). */
  readonly scalarUsers: readonly Expr[]
  readonly scalarPlaces: readonly number[]
  readonly outputs: readonly Expr[]
  readonly reductions: readonly Expr[]
}

/** No operand. */
export const NONE = -1

/** Writes a pass down as a program. */
export const programOf = (pass: Pass): Program => {
  const mark = newPass()
  const code: number[] = []
  const inputs: Data[] = []
  const inputKinds: Kind[] = []
  const inputRegisters: number[] = []
  const scalars: number[] = []
  const scalarKinds: Kind[] = []
  const scalarUsers: Expr[] = []
  const scalarPlaces: number[] = []
  let registers = 0

  const operand = (user: Expr, place: number): number => {
    const child = childAt(user, place)
    const { kind } = user
    if (child === null) return NONE
    if (child instanceof Expr && child.kind !== Kind.Scalar) return array(child)
    code.push(Code.Scalar, kind)
    scalars.push(roundTo(kind, numberOf(child)))
    scalarKinds.push(kind)
    scalarUsers.push(user)
    scalarPlaces.push(place)
    return registers++
  }

  const input = (node: Expr): number => {
    const known = inputs.indexOf(node.data as Data)
    if (known >= 0 && inputKinds[known] === node.kind) return inputRegisters[known] as number
    inputs.push(node.data as Data)
    inputKinds.push(node.kind)
    inputRegisters.push(registers)
    code.push(Code.Input, node.kind)
    return registers++
  }

  const array = (node: Expr): number => {
    if (node.mark === mark) return node.register
    node.mark = mark
    if (node.op === Op.Leaf) node.register = input(node)
    else {
      const a = operand(node, 0)
      const b = operand(node, 1)
      const c = operand(node, 2)
      code.push(node.op, node.kind, a, b, c)
      node.register = registers++
    }
    return node.register
  }

  for (const node of pass.reductions) {
    const a = array(node.a as Expr)
    const b = node.b === null ? NONE : array(node.b as Expr)
    code.push(node.op, a, b)
  }
  for (const node of pass.outputs) {
    const register = array(node)
    code.push(Code.Output, register)
  }
  const { size, outputs, reductions } = pass
  return { code, size, inputs, inputKinds, scalars, scalarKinds, scalarUsers, scalarPlaces, outputs, reductions }
}

/** An operand of a node by its place. */
export const childAt = (node: Expr, place: number): Child | null =>
  place === 0 ? node.a : place === 1 ? node.b : node.c
