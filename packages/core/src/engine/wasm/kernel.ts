import { Kind } from '../../array/dtype.js'
import { calledOperations, ruleOf } from '../../expression/compute.js'
import { isElementwise, Op } from '../../expression/op.js'
import { Code, NONE } from '../program.js'
import { SUM_BLOCK } from '../sum.js'
import { type Bytes, PREAMBLE, section, text, unsigned, vector } from './bytes.js'
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16, roundBfloat16, roundFloat16 } from './half.js'
import {
  call,
  END,
  F64,
  f32x4,
  f64,
  f64x2,
  get,
  HIGH_HALF,
  I32,
  i32,
  i32x4,
  JOIN_LOW_HALVES,
  loopWhile,
  set,
  tee,
  V128,
  v128,
  when
} from './instructions.js'

/**
 * A compiled program. `run(table, from, to)` computes the elements `from` ≤ i < `to` of every output; `from` is a multiple of
 * the block of a sum, and `to` too unless it is the end. `table` is the address of what it works on: a 32-bit address for
 * each input, each output and each reduction, then, from `scalars` on, eight bytes for each scalar (the float32 or float64
 * that goes to every lane). A reduction writes the result of each block, a float64, to its address, block after block.
 *
 * Every store of four elements comes after all loads of these elements, so that an output may be one of the inputs.
 */
export interface Kernel {
  readonly run: (table: number, from: number, to: number) => void
  /** The module, for other threads to instantiate; `null` when there is none. */
  readonly bytes: Uint8Array<ArrayBuffer> | null
  readonly scalars: number
  readonly tableBytes: number
}

/** Where the parts of a table lie, and the module that goes with it. */
export interface Assembly {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly scalars: number
  readonly tableBytes: number
}

/** The functions without an instruction, called element by element; `ruleOf` gives the same ones to the reference. */
const CALLED = /* @__PURE__ */ calledOperations()

// Types of functions, by their place in the module.
const RUN_TYPE = 0
const UNARY_TYPE = 1
const BINARY_TYPE = 2

const importsOf = () => Object.fromEntries(CALLED.map((op) => [`f${op}`, ruleOf(op)]))
const imports = /* @__PURE__ */ importsOf()

const isWide = (kind: number): boolean => kind === Kind.F64

/** Elements take two to the power of this many bytes. */
const shiftOf = (kind: number): number => (kind === Kind.F64 ? 3 : kind === Kind.F32 ? 2 : 1)

const BLOCK_SHIFT = /* @__PURE__ */ Math.log2(SUM_BLOCK)

/** The pages of 64 KiB that a memory can have: 4 GiB. */
export const MOST_PAGES = 65_536

/** Elements are computed four at a time: one vector of float32, or two of float64. */
const STEP = 4
/** A turn of the loop makes several such steps while there are enough elements, so that it is of about this many instructions. */
const TURN = 48
const MOST_STEPS = 4

const TABLE = 0
const AT = 1 // the element that is being computed, `from` at first
const TO = 2
const END_AT = 3 // where the current block of a sum ends
const BLOCK = 4 // which block of a sum this is, × 8: the offset of its result
const FIRST_POINTER = 5 // where the current elements of each array are

/** The function in a module made by {@link assemble}, on a memory. */
export const instantiate = (bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): Kernel['run'] => {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { memory }, f: imports })
  return instance.exports['run'] as Kernel['run']
}

interface Instruction {
  readonly op: number
  readonly kind: number
  readonly operands: readonly number[]
}

const decodeProgram = (code: readonly number[]): Instruction[] => {
  const instructions: Instruction[] = []
  for (let i = 0; i < code.length; ) {
    const op = code[i] as number
    if (isElementwise(op)) {
      instructions.push({
        op,
        kind: code[i + 1] as number,
        operands: code.slice(i + 2, i + 5).filter((r) => r !== NONE)
      })
      i += 5
    } else if (op === Code.Input || op === Code.Scalar) {
      instructions.push({ op, kind: code[i + 1] as number, operands: [] })
      i += 2
    } else if (op === Code.Output) {
      instructions.push({ op, kind: NONE, operands: [code[i + 1] as number] })
      i += 2
    } else {
      instructions.push({ op, kind: NONE, operands: code.slice(i + 1, i + 3).filter((r) => r !== NONE) })
      i += 3
    }
  }
  return instructions
}

/** Writes a program as a module; `isShared` says whether its memory is. */
export const assemble = (code: readonly number[], isShared: boolean): Assembly => {
  const program = decodeProgram(code)
  const inputs = program.filter((i) => i.op === Code.Input).length
  const outputs = program.filter((i) => i.op === Code.Output).length
  const scalarCount = program.filter((i) => i.op === Code.Scalar).length
  const reductions = program.filter((i) => i.op >= Op.Sum && i.op <= Op.MaxOf)
  const pointers = inputs + outputs + reductions.length
  const scalars = (4 * pointers + 7) & ~7
  const tableBytes = scalars + 8 * scalarCount

  // Local variables: the pointers, then vectors.
  const firstVector = FIRST_POINTER + pointers
  let vectors = 0
  const newVector = (): number => firstVector + vectors++
  const t = newVector()
  const u = newVector()

  const registers: { kind: number; locals: number[] }[] = []
  const newRegister = (kind: number): { kind: number; locals: number[] } => {
    const register = { kind, locals: isWide(kind) ? [newVector(), newVector()] : [newVector()] }
    registers.push(register)
    return register
  }

  /** The next four elements of an array, `step` steps ahead. */
  const load = (pointer: number, kind: number, locals: number[], step: number): Bytes => {
    const from = get(FIRST_POINTER + pointer)
    const at = (STEP << shiftOf(kind)) * step
    const [low, high] = locals as [number, number]
    if (isWide(kind)) return [...from, ...v128.load(at), ...set(low), ...from, ...v128.load(at + 16), ...set(high)]
    if (kind === Kind.F32) return [...from, ...v128.load(at), ...set(low)]
    const decoded = kind === Kind.BF16 ? decodeBfloat16() : decodeFloat16(t, u)
    return [...from, ...v128.loadU16x4(at), ...decoded, ...set(low)]
  }

  const store = (pointer: number, kind: number, locals: number[], step: number): Bytes => {
    const to = get(FIRST_POINTER + pointer)
    const at = (STEP << shiftOf(kind)) * step
    const [low, high] = locals as [number, number]
    if (isWide(kind)) return [...to, ...get(low), ...v128.store(at), ...to, ...get(high), ...v128.store(at + 16)]
    if (kind === Kind.F32) return [...to, ...get(low), ...v128.store(at)]
    const encoded = kind === Kind.BF16 ? encodeBfloat16(t) : encodeFloat16(t, u)
    return [...to, ...get(low), ...encoded, ...tee(t), ...get(t), ...i32x4.narrowU16, ...v128.store64(at)]
  }

  /** One half (0 or 1) of a register as float64. */
  const wideHalf = (register: number, half: number): Bytes => {
    const { kind, locals } = registers[register] as { kind: number; locals: number[] }
    if (isWide(kind)) return get(locals[half] as number)
    const low = get(locals[0] as number)
    return [...low, ...(half === 0 ? [] : [...low, ...HIGH_HALF]), ...f64x2.fromF32Low]
  }

  const narrow = (register: number): Bytes => {
    const { kind, locals } = registers[register] as { kind: number; locals: number[] }
    const [low, high] = locals as [number, number]
    return isWide(kind) ? [...get(low), ...f32x4.fromF64, ...get(high), ...f32x4.fromF64, ...JOIN_LOW_HALVES] : get(low)
  }

  const round = (kind: number): Bytes =>
    kind === Kind.BF16 ? roundBfloat16(t) : kind === Kind.F16 ? roundFloat16(t, u) : []

  const elementwise = ({ op, kind, operands }: Instruction): Bytes => {
    const { locals } = newRegister(kind)
    if (!isWide(kind))
      return [...vectorOp(op, false, operands.map(narrow), t), ...round(kind), ...set(locals[0] as number)]
    return [0, 1].flatMap((half) => [
      ...vectorOp(
        op,
        true,
        operands.map((r) => wideHalf(r, half)),
        t
      ),
      ...set(locals[half] as number)
    ])
  }

  const accumulators = reductions.map(() => [newVector(), newVector()] as const)

  /** Adds the current elements to a reduction; with a mask, only those that exist. */
  const accumulate = ({ op, operands }: Instruction, index: number, mask: readonly [number, number] | null): Bytes => {
    const [x, y] = operands as [number, number | undefined]
    return ([0, 1] as const).flatMap((half) => {
      const into = (accumulators[index] as readonly [number, number])[half]
      const a = wideHalf(x, half)
      const b = wideHalf(y ?? x, half)
      const term = op === Op.SumSquares || op === Op.Dot ? [...a, ...b, ...f64x2.mul] : a
      const idle = op === Op.MinOf ? Infinity : op === Op.MaxOf ? -Infinity : 0
      const masked = mask === null ? term : [...term, ...v128.constF64(idle), ...get(mask[half]), ...v128.select]
      const combine = op === Op.MinOf ? f64x2.min : op === Op.MaxOf ? f64x2.max : f64x2.add
      return [...get(into), ...masked, ...combine, ...set(into)]
    })
  }

  const kindsOfOutputs = outputKinds(program)
  const masks = [newVector(), newVector()] as const

  /** The straight-line code for four elements, `step` steps ahead; registers are numbered afresh each time it is written. */
  const body = (mask: readonly [number, number] | null, step = 0): Bytes => {
    registers.length = 0
    let input = 0
    let scalar = 0
    let output = 0
    let reduction = 0
    const stores: Bytes = []
    const computed = program.flatMap((instruction): Bytes => {
      const { op, kind } = instruction
      if (op === Code.Input) return load(input++, kind, newRegister(kind).locals, step)
      if (op === Code.Scalar) {
        const local = scalarLocals[scalar++] as number
        registers.push({ kind, locals: isWide(kind) ? [local, local] : [local] })
        return []
      }
      if (op === Code.Output) {
        const { locals } = registers[instruction.operands[0] as number] as { locals: number[] }
        stores.push(...store(inputs + output, kindsOfOutputs[output++] as number, locals, step))
        return []
      }
      return isElementwise(op) ? elementwise(instruction) : accumulate(instruction, reduction++, mask)
    })
    return [...computed, ...stores]
  }

  const scalarInstructions = program.filter((i) => i.op === Code.Scalar)
  const scalarLocals = scalarInstructions.map(newVector)
  const kindsOfArrays = [...program.filter((i) => i.op === Code.Input).map(({ kind }) => kind), ...kindsOfOutputs]
  const prologue: Bytes = [
    ...Array.from({ length: pointers }, (_, i): Bytes => {
      const kind = kindsOfArrays[i]
      const ahead = kind === undefined ? [] : [...get(AT), ...i32.const(shiftOf(kind)), ...i32.shl, ...i32.add]
      return [...get(TABLE), ...i32.load(4 * i), ...ahead, ...set(FIRST_POINTER + i)]
    }).flat(),
    ...scalarInstructions.flatMap(({ kind }, i) => [
      ...get(TABLE),
      ...(isWide(kind) ? v128.loadSplat64(scalars + 8 * i) : v128.loadSplat32(scalars + 8 * i)),
      ...set(scalarLocals[i] as number)
    ])
  ]

  const move = (local: number, by: number): Bytes => [...get(local), ...i32.const(by), ...i32.add, ...set(local)]
  /** Goes on by some elements. */
  const next = (elements: number): Bytes => [
    ...move(AT, elements),
    ...kindsOfArrays.flatMap((kind, i) => move(FIRST_POINTER + i, elements << shiftOf(kind)))
  ]

  const unrolled = Math.max(1, Math.min(MOST_STEPS, Math.floor(TURN / program.length)))
  /** Whole steps as long as they end before a place, a multiple of the step; several in each turn while there are several. */
  const stepsTo = (end: Bytes): Bytes => [
    ...(unrolled === 1
      ? []
      : loopWhile(
          [...end, ...get(AT), ...i32.sub, ...i32.const(unrolled * STEP), ...i32.geS],
          [...Array.from({ length: unrolled }, (_, step) => body(null, step)).flat(), ...next(unrolled * STEP)]
        )),
    ...loopWhile([...get(AT), ...end, ...i32.ltU], [...body(null), ...next(STEP)])
  ]

  const idleOf = (op: number): number => (op === Op.MinOf ? Infinity : op === Op.MaxOf ? -Infinity : 0)
  const combineOf = (op: number): Bytes => (op === Op.MinOf ? f64.min : op === Op.MaxOf ? f64.max : f64.add)

  /** One block of a sum: whole steps, then the rest under a mask, then the lanes to the result. */
  const block = (): Bytes => [
    ...[...get(AT), ...i32.const(BLOCK_SHIFT), ...i32.shrU, ...i32.const(3), ...i32.shl, ...set(BLOCK)],
    ...accumulators.flatMap(([low, high], i) => {
      const idle = v128.constF64(idleOf((reductions[i] as Instruction).op))
      return [...idle, ...set(low), ...idle, ...set(high)]
    }),
    // END_AT = min(AT + block, TO)
    ...[...get(AT), ...i32.const(SUM_BLOCK), ...i32.add, ...tee(END_AT), ...get(TO)],
    ...[...get(END_AT), ...get(TO), ...i32.ltU, ...i32.select, ...set(END_AT)],
    ...stepsTo([...get(END_AT), ...i32.const(-STEP), ...i32.and]),
    ...when(
      [...get(AT), ...get(END_AT), ...i32.ltU],
      [
        ...[
          ...v128.constLanes([0, 1, 2, 3]),
          ...get(END_AT),
          ...get(AT),
          ...i32.sub,
          ...i32x4.splat,
          ...i32x4.ltS,
          ...tee(masks[0])
        ],
        ...[...i32x4.toI64High, ...set(masks[1]), ...get(masks[0]), ...i32x4.toI64Low, ...set(masks[0])],
        ...body(masks),
        ...next(STEP)
      ]
    ),
    ...accumulators.flatMap(([low, high], i) => {
      const combine = combineOf((reductions[i] as Instruction).op)
      const lane = (vec: number, l: number): Bytes => [...get(vec), ...f64x2.lane(l)]
      return [
        ...[...get(FIRST_POINTER + inputs + outputs + i), ...get(BLOCK), ...i32.add],
        ...[...lane(low, 0), ...lane(low, 1), ...combine, ...lane(high, 0), ...lane(high, 1), ...combine, ...combine],
        ...f64.store(0)
      ]
    })
  ]

  const main = reductions.length === 0 ? stepsTo(get(TO)) : loopWhile([...get(AT), ...get(TO), ...i32.ltU], block())
  const instructions = [...prologue, ...main, ...END]
  const locals = vector([
    [...unsigned(firstVector - END_AT), I32],
    [...unsigned(vectors), V128]
  ])
  const func = [...locals, ...instructions]
  const bytes = [
    ...PREAMBLE,
    ...section(
      1,
      vector([
        [0x60, 3, I32, I32, I32, 0],
        [0x60, 1, F64, 1, F64],
        [0x60, 2, F64, F64, 1, F64]
      ])
    ),
    ...section(
      2,
      vector([
        [...text('e'), ...text('memory'), 2, ...(isShared ? [3, 1, ...unsigned(MOST_PAGES)] : [0, 1])],
        ...CALLED.map((op) => [...text('f'), ...text(`f${op}`), 0, op === Op.Pow ? BINARY_TYPE : UNARY_TYPE])
      ])
    ),
    ...section(3, vector([[RUN_TYPE]])),
    ...section(7, vector([[...text('run'), 0, ...unsigned(CALLED.length)]])),
    ...section(10, vector([[...unsigned(func.length), ...func]]))
  ]
  return { bytes: Uint8Array.from(bytes), scalars, tableBytes }
}

/** The dtypes of the outputs, in order. */
const outputKinds = (program: readonly Instruction[]): number[] => {
  const kinds: number[] = []
  const outputs: number[] = []
  for (const { op, kind, operands } of program) {
    if (op === Code.Output) outputs.push(kinds[operands[0] as number] as number)
    else if (op === Code.Input || op === Code.Scalar || isElementwise(op)) kinds.push(kind)
  }
  return outputs
}

/** An operation on vectors: two float64 or four float32. */
const vectorOp = (op: number, wide: boolean, operands: readonly Bytes[], t: number): Bytes => {
  const is = wide ? f64x2 : f32x4
  const all = operands.flat()
  const one = wide ? v128.constF64(1) : v128.constF32(1)
  const zero = wide ? v128.constF64(0) : v128.constF32(0)
  const [condition, x, y] = operands as [Bytes, Bytes, Bytes]
  switch (op) {
    case Op.Fill:
    case Op.Cast:
    case Op.Reshape:
      return all
    case Op.Neg:
      return [...all, ...is.neg]
    case Op.Abs:
      return [...all, ...is.abs]
    case Op.Sqrt:
      return [...all, ...is.sqrt]
    case Op.Floor:
      return [...all, ...is.floor]
    case Op.Add:
      return [...all, ...is.add]
    case Op.Sub:
      return [...all, ...is.sub]
    case Op.Mul:
      return [...all, ...is.mul]
    case Op.Div:
      return [...all, ...is.div]
    case Op.Min:
      return [...all, ...is.min]
    case Op.Max:
      return [...all, ...is.max]
    case Op.Less:
      return [...all, ...is.lt, ...one, ...v128.and]
    case Op.LessEqual:
      return [...all, ...is.le, ...one, ...v128.and]
    case Op.Equal:
      return [...all, ...is.eq, ...one, ...v128.and]
    case Op.Where:
      return [...x, ...y, ...condition, ...zero, ...is.ne, ...v128.select]
    default:
      return calledOp(op, wide, operands, t)
  }
}

/** A function without an instruction, lane by lane, in float64. */
const calledOp = (op: number, wide: boolean, operands: readonly Bytes[], t: number): Bytes => {
  const index = CALLED.indexOf(op)
  const is = wide ? f64x2 : f32x4
  const second = operands[1]
  const widen = wide ? [] : f64.promote
  const narrowed = wide ? [] : f64.toF32
  const laneOf = (operand: Bytes, lane: number): Bytes => [...operand, ...is.lane(lane), ...widen]
  const each = Array.from({ length: wide ? 2 : 4 }, (_, lane) => [
    ...get(t),
    ...laneOf(operands[0] as Bytes, lane),
    ...(second === undefined ? [] : laneOf(second, lane)),
    ...call(index),
    ...narrowed,
    ...is.setLane(lane),
    ...set(t)
  ]).flat()
  return [...each, ...get(t)]
}
