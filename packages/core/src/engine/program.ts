import { Kind } from '../array/dtype.js'
import { roundTo } from '../array/half.js'
import type { Domain } from '../expression/domain.js'
import type { Child, Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { isUnpacked, operandOf, packedBy, storageOf, unpacksFrom } from '../packing/packing.js'
import { newPass } from './order.js'
import type { Pass } from './plan.js'
import { numberOf } from './scalar.js'

/** The instructions of a program that are no operations. */
export const Code = {
  /** The next input array. */
  Input: 100,
  /** The next scalar, in every place. */
  Scalar: 101,
  /** A register to the next output array. */
  Output: 102
} as const

/**
 * A pass as straight-line code with its operands. `code` alone decides which kernel runs it, to the last number: the
 * operations in order with the registers they read and the dtypes, which registers are outputs, and, as equal arrays share
 * a register, which inputs are the same array.
 *
 * Every instruction is five numbers, `op, kind, a, b, c`, the last three the registers that it reads. Registers are numbered in
 * the order in which they are written, by all instructions but outputs and reductions.
 */
export interface Program {
  readonly code: readonly number[]
  readonly size: number
  /** Where its arrays lie, when they are many side by side. */
  readonly domain: Domain | null
  /** The leaves of its input arrays. */
  readonly inputs: readonly Expr[]
  /** How each of them is stored: as its dtype says, or packed. */
  readonly inputKinds: readonly number[]
  /** Further leaves over the same arrays as some inputs, and which inputs. */
  readonly twins: readonly Expr[]
  readonly twinOf: readonly number[]
  /** Which node each scalar is an operand of, and which of its operands (0, 1 or 2). */
  readonly users: readonly Expr[]
  readonly places: readonly number[]
  readonly outputs: readonly Expr[]
  /** How each of them is stored. */
  readonly outputKinds: readonly number[]
  readonly reductions: readonly Expr[]
}

/** No operand. */
export const NONE = -1

/** An instruction of a program, with the registers that it reads. */
export interface Instruction {
  readonly op: number
  /** Its dtype; of an input and an output, how that is stored. */
  readonly kind: number
  readonly operands: readonly number[]
}

/** The instructions of a program. */
export const instructionsOf = (code: readonly number[]): Instruction[] =>
  Array.from({ length: code.length / 5 }, (_, i) => {
    const [op, kind, ...operands] = code.slice(5 * i, 5 * i + 5) as [number, number, number, number, number]
    return { op, kind, operands: operands.filter((register) => register !== NONE) }
  })

// What is being written. Programs are written one at a time, once for every array and step: this is no place for closures.
let mark = 0
let registers = 0
let code: number[] = []
let inputs: Expr[] = []
let inputKinds: number[] = []
let twins: Expr[] = []
let twinOf: number[] = []
let inputRegisters: number[] = []
let users: Expr[] = []
let places: number[] = []

/** Writes a pass down as a program. */
export const programOf = ({ size, domain, outputs, reductions }: Pass): Program => {
  mark = newPass()
  registers = 0
  code = []
  inputs = []
  inputKinds = []
  twins = []
  twinOf = []
  inputRegisters = []
  users = []
  places = []
  for (let i = 0; i < reductions.length; i++) {
    const node = reductions[i] as Expr
    const a = writeArray(node.a as Expr)
    const b = node.b === null ? NONE : writeArray(node.b as Expr)
    code.push(node.op, Kind.Scalar, a, b, NONE)
  }
  const outputKinds: number[] = []
  for (let i = 0; i < outputs.length; i++) {
    const node = outputs[i] as Expr
    const storage = storageOf(node)
    outputKinds.push(storage)
    const register = writeArray(packedBy(node) ?? node)
    code.push(Code.Output, storage, register, NONE, NONE)
  }
  const program = {
    code,
    size,
    domain,
    inputs,
    inputKinds,
    twins,
    twinOf,
    users,
    places,
    outputs,
    outputKinds,
    reductions
  }
  // Arrays are not to be held here until the next program is written.
  inputs = []
  twins = []
  users = []
  return program
}

/** Writes what computes an array, if it is not written yet; its register. */
const writeArray = (node: Expr): number => {
  if (node.mark === mark) return node.register
  let register: number
  if (node.op === Op.Leaf) register = writeInput(node, node.kind)
  else if (isUnpacked(node)) register = writeInput(operandOf(node), unpacksFrom(node) as number)
  else {
    const a = writeOperand(node, node.a, 0)
    const b = writeOperand(node, node.b, 1)
    const c = writeOperand(node, node.c, 2)
    code.push(node.op, node.kind, a, b, c)
    register = registers++
  }
  node.mark = mark
  node.register = register
  return register
}

const writeOperand = (user: Expr, child: Child | null, place: number): number => {
  if (child === null) return NONE
  if (typeof child !== 'number' && child.kind !== Kind.Scalar) return writeArray(child)
  code.push(Code.Scalar, user.kind, NONE, NONE, NONE)
  users.push(user)
  places.push(place)
  return registers++
}

/** A scalar, by its user and its place there, as an operand of arithmetic on arrays of that kind; float32 is rounded where it is written. */
export const scalarOf = (user: Expr, place: number): number => {
  const value = numberOf(place === 0 ? user.a : place === 1 ? user.b : user.c)
  return user.kind === Kind.F64 || user.kind === Kind.F32 ? value : roundTo(user.kind, value)
}

const writeInput = (node: Expr, kind: number): number => {
  for (let i = 0; i < inputs.length; i++) {
    if ((inputs[i] as Expr).data === node.data && inputKinds[i] === kind) {
      twins.push(node)
      twinOf.push(i)
      return inputRegisters[i] as number
    }
  }
  inputs.push(node)
  inputKinds.push(kind)
  inputRegisters.push(registers)
  code.push(Code.Input, kind, NONE, NONE, NONE)
  return registers++
}
