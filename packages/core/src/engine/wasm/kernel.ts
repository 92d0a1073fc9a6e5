import { Kind } from '../../array/dtype.js'
import { byLane } from '../../expression/byLane.js'
import { isCalled, isElementwise, isReduction, Op } from '../../expression/op.js'
import { reducing } from '../../expression/reducing.js'
import { isPacked, type PackedArray, packings } from '../../packing/packing.js'
import { type Bytes, PREAMBLE, section, text, unsigned, vector } from '../../wasm/bytes.js'
import { END, F64, get, getGlobal, I32, loopWhile, set, tee, V128 } from '../../wasm/instructions/control.js'
import * as f32x4 from '../../wasm/instructions/f32x4.js'
import * as f64x2 from '../../wasm/instructions/f64x2.js'
import * as i32 from '../../wasm/instructions/i32.js'
import * as i32x4 from '../../wasm/instructions/i32x4.js'
import { simd } from '../../wasm/instructions/simd.js'
import * as v128 from '../../wasm/instructions/v128.js'
import { AT, END_AT, FIRST_POINTER, type Mask, STEP, TABLE, TO } from '../../wasm/locals.js'
import { Code, type Instruction, instructionsOf } from '../program.js'
import { decode, encode, round, widen } from './half.js'

/**
 * A compiled program. `run(table, from, to)` computes the elements `from` ≤ i < `to` of every output; `from` is a multiple of
 * the block of a sum, and `to` too unless it is the end. `table` is the address of what it works on: a 32-bit address for
 * each input, each output and each reduction, one of room for what is packed and one of what is looked up for that, then, from `scalars` on, eight bytes for each scalar (the float32 or float64
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

// Types of functions, by their place in the module.
const RUN_TYPE = 0
const UNARY_TYPE = 1
const BINARY_TYPE = 2

const isWide = (kind: number): boolean => kind === Kind.F64
const isHalf = (kind: number): boolean => kind === Kind.BF16 || kind === Kind.F16

/** Elements take two to the power of this many bytes. */
const shiftOf = (kind: number): number => (kind === Kind.F64 ? 3 : kind === Kind.F32 ? 2 : 1)

/** The pages of 64 KiB that a memory can have: 4 GiB. */
export const MOST_PAGES = 65_536

/** A turn of the loop makes several such steps while there are enough elements, so that it is of about this many instructions. */
const TURN = 48
const MOST_STEPS = 4

/** The function in a module made by {@link assemble}, on a memory. */
export const instantiate = (bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): Kernel['run'] => {
  const imports = { e: { memory, thread: 0 }, f: { ...byLane()?.functions } }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports)
  return instance.exports['run'] as Kernel['run']
}

/** Where the current elements of a value are: for every four of them in one vector, or in two of float64. */
interface Register {
  readonly kind: number
  readonly locals: readonly number[]
}

/** Writes a program as a module; `isShared` says whether its memory is. */
export const assemble = (code: readonly number[], isShared: boolean): Assembly => {
  const program = instructionsOf(code)
  const inputs = program.filter(({ op }) => op === Code.Input)
  const outputs = program.filter(({ op }) => op === Code.Output)
  const given = program.filter(({ op }) => op === Code.Scalar)
  const reductions = program.filter(({ op }) => isReduction(op))
  const called = [...new Set(program.map(({ op }) => op).filter(isCalled))]
  const kindsOfArrays = [...inputs, ...outputs].map(({ kind }) => kind)
  const arraysThat = (list: readonly Instruction[], first: number): PackedArray[] =>
    list.flatMap(({ kind }, i) => (isPacked(kind) ? [{ pointer: FIRST_POINTER + first + i, kind }] : []))
  const unpackedInputs = arraysThat(inputs, 0)
  const packedOutputs = arraysThat(outputs, inputs.length)
  const hasPacked = unpackedInputs.length + packedOutputs.length > 0
  const room = kindsOfArrays.length + reductions.length
  const pointers = room + (hasPacked ? 2 : 0)
  const scalars = (4 * pointers + 7) & ~7
  const tableBytes = scalars + 8 * given.length

  // Local variables: the pointers, then vectors.
  const firstWord = FIRST_POINTER + pointers
  const firstVector = firstWord + (hasPacked ? packings().locals(unpackedInputs.length) : 0)
  let words = 0
  let vectors = 0
  const newVector = (): number => firstVector + vectors++
  const twoVectors = () => [newVector(), newVector()] as const
  const [t, u] = twoVectors()
  const scalarLocals = given.map(newVector)

  const registers: Register[] = []
  /** A register for so many times four elements. */
  const newRegister = (kind: number, fours: number): Register => {
    const register = { kind, locals: Array.from({ length: isWide(kind) ? 2 * fours : fours }, newVector) }
    registers.push(register)
    return register
  }

  /** The registers that something is computed from; what is only stored is rounded as it is stored. */
  const operands = new Set(program.flatMap((each) => (each.op === Code.Output ? [] : each.operands)))

  const packer = hasPacked
    ? packings().write({
        ...{ newVector, newWord: () => firstWord + words++, inputs: unpackedInputs, outputs: packedOutputs },
        ...{ room: FIRST_POINTER + room, tables: FIRST_POINTER + room + 1 }
      })
    : null

  /** The next elements of an array, `step` steps ahead. */
  const load = (pointer: number, { kind, locals }: Register, step: number): Bytes => {
    const from = get(FIRST_POINTER + pointer)
    const at = (STEP << shiftOf(kind)) * step
    if (kind === Kind.BF16 && locals.length === 2) {
      return [
        ...from,
        ...v128.load(at),
        ...set(t),
        ...locals.flatMap((local, i) => [...widen(t, 8 * i), ...set(local)])
      ]
    }
    return locals.flatMap((local, part) => [
      ...from,
      ...(isHalf(kind) ? [...v128.loadU16x4(at + 8 * part), ...decode(kind, t, u)] : v128.load(at + 16 * part)),
      ...set(local)
    ])
  }

  const store = (pointer: number, { kind, locals }: Register, step: number): Bytes => {
    const to = get(FIRST_POINTER + pointer)
    const at = (STEP << shiftOf(kind)) * step
    if (!isHalf(kind)) return locals.flatMap((local, part) => [...to, ...get(local), ...v128.store(at + 16 * part)])
    const patterns = locals.flatMap((local) => [...get(local), ...encode(kind, t, u)])
    return locals.length === 2
      ? [...to, ...patterns, ...i32x4.narrowU16, ...v128.store(at)]
      : [...to, ...patterns, ...tee(t), ...get(t), ...i32x4.narrowU16, ...v128.store64(at)]
  }

  /** Two elements of a register, those from `2 · pair` on, as float64. */
  const widePair = (register: number, pair: number): Bytes => {
    const { kind, locals } = registers[register] as Register
    if (isWide(kind)) return get(locals[pair] as number)
    const four = get(locals[pair >> 1] as number)
    return [...four, ...(pair % 2 === 0 ? [] : [...four, ...v128.highHalf]), ...f64x2.fromF32Low]
  }

  const isWideRegister = (register: number): boolean => isWide((registers[register] as Register).kind)

  /** Four elements of a register, those from `4 · four` on, as float32. */
  const narrow = (register: number, four: number): Bytes => {
    const { kind, locals } = registers[register] as Register
    if (!isWide(kind)) return get(locals[four] as number)
    const pairs = [locals[2 * four] as number, locals[2 * four + 1] as number]
    return [...pairs.flatMap((pair) => [...get(pair), ...f32x4.fromF64]), ...v128.joinLowHalves]
  }

  const elementwise = ({ op, kind, operands: read }: Instruction, fours: number): Bytes => {
    const wide = isWide(kind)
    const number = called.indexOf(op)
    const isStored = !operands.has(registers.length)
    return newRegister(kind, fours).locals.flatMap((local, part) => [
      ...vectorOp(
        op,
        wide,
        read.map((r) => (wide ? widePair(r, part) : narrow(r, part))),
        number,
        t
      ),
      ...[...(isStored ? [] : round(kind, t, u)), ...set(local)]
    ])
  }

  const results = FIRST_POINTER + kindsOfArrays.length
  const reducer =
    reductions.length === 0
      ? null
      : reducing().write(reductions, { twoVectors, widePair, isWide: isWideRegister, results })

  /**
   * The straight-line code for so many times four elements, `step` steps ahead; registers are numbered afresh each time it is
   * written.
   */
  const body = (mask: Mask | null, step = 0, fours = 1): Bytes => {
    registers.length = 0
    let input = 0
    let unpacked = 0
    let scalar = 0
    let output = inputs.length
    let packed = 0
    let reduction = 0
    const stores: Bytes = []
    const computed = program.flatMap((instruction): Bytes => {
      const { op, kind, operands } = instruction
      if (op === Code.Input && isPacked(kind)) {
        input += 1
        const { locals } = newRegister(Kind.F32, fours)
        const place = unpacked++
        return locals.flatMap((local, four) => packer?.load(place, local, step + four) ?? [])
      }
      if (op === Code.Input) return load(input++, newRegister(kind, fours), step)
      if (op === Code.Scalar) {
        const local = scalarLocals[scalar++] as number
        registers.push({ kind, locals: Array<number>(isWide(kind) ? 2 * fours : fours).fill(local) })
        return []
      }
      if (op === Code.Output && isPacked(kind)) {
        output += 1
        const { locals } = registers[operands[0] as number] as Register
        const place = packed++
        stores.push(...locals.flatMap((local, four) => packer?.store(place, local, step + four) ?? []))
        return []
      }
      if (op === Code.Output) {
        stores.push(...store(output++, registers[operands[0] as number] as Register, step))
        return []
      }
      return isElementwise(op) ? elementwise(instruction, fours) : (reducer?.accumulate(reduction++, mask) ?? [])
    })
    return [...computed, ...stores]
  }

  const prologue = (): Bytes => [
    ...Array.from({ length: pointers }, (_, i): Bytes => {
      const kind = kindsOfArrays[i]
      const ahead =
        kind === undefined || isPacked(kind) ? [] : [...get(AT), ...i32.const(shiftOf(kind)), ...i32.shl, ...i32.add]
      return [...get(TABLE), ...i32.load(4 * i), ...ahead, ...set(FIRST_POINTER + i)]
    }).flat(),
    ...(packer === null
      ? []
      : [
          ...[...get(FIRST_POINTER + room), ...getGlobal(0)],
          ...[...i32.const(packings().roomIn(packedOutputs.length)), ...i32.mul, ...i32.add],
          ...[...set(FIRST_POINTER + room), ...packer.begin()]
        ]),
    ...given.flatMap(({ kind }, i) => [
      ...get(TABLE),
      ...(isWide(kind) ? v128.loadSplat64 : v128.loadSplat32)(scalars + 8 * i),
      ...set(scalarLocals[i] as number)
    ])
  ]

  const move = (local: number, by: number): Bytes => [...get(local), ...i32.const(by), ...i32.add, ...set(local)]
  /** Goes on by some elements. */
  const next = (elements: number): Bytes => [
    ...move(AT, elements),
    ...kindsOfArrays.flatMap((kind, i) => (isPacked(kind) ? [] : move(FIRST_POINTER + i, elements << shiftOf(kind)))),
    ...(packer?.next(elements) ?? [])
  ]

  // Of bfloat16 eight are read and written at a time.
  const fours = reducer === null && kindsOfArrays.includes(Kind.BF16) ? 2 : 1
  const turns = packer === null ? Math.floor(TURN / (fours * program.length)) : MOST_STEPS / fours
  /** How many steps a turn of the loop makes. */
  const unrolled = fours * Math.max(1, Math.min(MOST_STEPS / fours, turns))
  /** Whole steps as long as they end before a place, a multiple of the step; several in each turn while there are several. */
  const stepsTo = (end: Bytes): Bytes => [
    ...(unrolled === 1
      ? []
      : loopWhile(
          [...end, ...get(AT), ...i32.sub, ...i32.const(unrolled * STEP), ...i32.geS],
          [
            ...Array.from({ length: unrolled / fours }, (_, turn) => body(null, fours * turn, fours)).flat(),
            ...next(unrolled * STEP)
          ]
        )),
    ...loopWhile([...get(AT), ...end, ...i32.ltU], [...body(null), ...next(STEP)])
  ]

  const main =
    packer !== null
      ? packer.loop(stepsTo)
      : reducer === null
        ? stepsTo(get(TO))
        : reducer.loop(stepsTo, (mask) => [...body(mask), ...next(STEP)])
  const instructions = [...prologue(), ...main, ...END]
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
        ...(packer === null ? [] : [[...text('e'), ...text('thread'), 3, I32, 0]]),
        ...called.map((op) => [...text('f'), ...text(`${op}`), 0, op >= Op.Pow ? BINARY_TYPE : UNARY_TYPE])
      ])
    ),
    ...section(3, vector([[RUN_TYPE]])),
    ...section(7, vector([[...text('run'), 0, ...unsigned(called.length)]])),
    ...section(10, vector([[...unsigned(func.length), ...func]]))
  ]
  return { bytes: Uint8Array.from(bytes), scalars, tableBytes }
}

/** The codes of the operations that are one instruction, on four float32 and on two float64; a comparison fills its lanes. */
const instructionCodes = (): Readonly<Record<number, readonly [number, number]>> => ({
  [Op.Neg]: [0xe1, 0xed],
  [Op.Abs]: [0xe0, 0xec],
  [Op.Sqrt]: [0xe3, 0xef],
  [Op.Floor]: [0x68, 0x75],
  [Op.Add]: [0xe4, 0xf0],
  [Op.Sub]: [0xe5, 0xf1],
  [Op.Mul]: [0xe6, 0xf2],
  [Op.Div]: [0xe7, 0xf3],
  [Op.Min]: [0xe8, 0xf4],
  [Op.Max]: [0xe9, 0xf5],
  [Op.Less]: [0x43, 0x49],
  [Op.LessEqual]: [0x45, 0x4b],
  [Op.Equal]: [0x41, 0x47]
})
const CODES = /* @__PURE__ */ instructionCodes()

/** An operation on vectors: two float64 or four float32. */
const vectorOp = (op: number, wide: boolean, operands: readonly Bytes[], called: number, t: number): Bytes => {
  const constant = wide ? v128.constF64 : v128.constF32
  const all = operands.flat()
  const code = CODES[op]?.[wide ? 1 : 0]
  if (code !== undefined) {
    const isComparison = op >= Op.Less && op <= Op.Equal
    return [...all, ...simd(code), ...(isComparison ? [...constant(1), ...v128.and] : [])]
  }
  if (op === Op.Where) {
    const [condition, x, y] = operands as [Bytes, Bytes, Bytes]
    return [...x, ...y, ...condition, ...constant(0), ...(wide ? f64x2.ne : f32x4.ne), ...v128.select]
  }
  return called < 0 ? all : (byLane()?.write(called, wide, operands, t) ?? [])
}
