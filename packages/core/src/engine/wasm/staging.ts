import { allocate, bytesOf, type Data, Kind } from '../../array/dtype.js'
import { paddedLength } from '../../expression/domain.js'
import type { Expr } from '../../expression/expr.js'
import { reducing } from '../../expression/reducing.js'
import { blocksOf, SUM_BLOCK } from '../../expression/sum.js'
import type { Program } from '../program.js'
import type { Kernel } from './kernel.js'

const PAGE = 65_536
/** How many bytes of arrays are staged at a time: what stays in a second-level cache. */
const STAGED_BYTES = 512 * 1024

const ALIGNMENT = 64

/** The next address for an array: vectors are read and written whole, so that each array has room to spare. */
const aligned = (address: number): number => (Math.ceil(address / ALIGNMENT) + 1) * ALIGNMENT

interface Views {
  readonly i32: Int32Array
  readonly f32: Float32Array
  readonly f64: Float64Array
  readonly u16: Uint16Array
}

const viewsOf = ({ buffer }: WebAssembly.Memory): Views => ({
  i32: new Int32Array(buffer),
  f32: new Float32Array(buffer),
  f64: new Float64Array(buffer),
  u16: new Uint16Array(buffer)
})

/** How many elements are staged at a time: all, or a multiple of the blocks of a sum. */
const blockOf = (size: number, bytesPerElement: number): number => {
  const fitting = Math.floor(STAGED_BYTES / bytesPerElement / SUM_BLOCK) * SUM_BLOCK
  return Math.min(size, Math.max(fitting, SUM_BLOCK))
}

/** All elements as one array. */
const ONE = { starts: [0], lengths: [0] }

/** What a program gave: its outputs and its reductions, in order. */
export interface Results {
  readonly arrays: readonly Data[]
  /** A number, or one of each of the arrays that lie side by side. */
  readonly totals: readonly (number | Float64Array)[]
}

/**
 * The scratch memory that kernels work on, and the way of ordinary arrays into it and out of it: block by block, each copied
 * in, computed and copied out.
 */
export class Staging {
  readonly memory = new WebAssembly.Memory({ initial: 16 })
  #views = viewsOf(this.memory)
  /** Where the inputs, the outputs and the blocks of the reductions of the program at hand lie. */
  readonly #slots: number[] = []
  /** The arrays of nodes that stand for many arrays: nobody has them for longer than the evaluation. */
  readonly #kept = new WeakMap<Expr, Data>()

  /** Runs the kernel of a program. */
  run(program: Program, kernel: Kernel): Results {
    const { size, domain, reductions } = program
    // Arrays that lie side by side have totals of their own: as many of them are staged at a time as fit.
    const each = domain !== null && reductions.length > 0 ? domain : null
    const { starts, lengths } = each ?? ONE
    const longest = each === null ? 0 : each.lengths.reduce((most, length) => Math.max(most, paddedLength(length)), 0)
    const block = this.#layOut(program, kernel, longest)
    this.#writeScalars(program, kernel)
    const totals = reductions.map(({ op }) => new Float64Array(starts.length).fill(reducing().idleOf(op)))
    const arrays: Data[] = []
    const beginOf = (i: number): number => (i < starts.length ? (starts[i] as number) : size)
    for (let at = 0, first = 0; at < size; ) {
      let end = first + 1
      while (each !== null && end < starts.length && beginOf(end + 1) - at <= block) end++
      const count = each === null ? Math.min(block, size - at) : beginOf(end) - at
      this.#copyIn(program, at, count)
      for (let i = first; i < end; i++) {
        const from = each === null ? 0 : (starts[i] as number) - at
        const length = each === null ? count : (lengths[i] as number)
        if (length === 0) continue
        kernel.run(0, from, from + length)
        for (let j = 0; j < reductions.length; j++) {
          const { op } = reductions[j] as Expr
          const blocks = this.#first(program, j) + Math.floor(from / SUM_BLOCK)
          const own = totals[j] as Float64Array
          own[i] = reducing().addBlocks(op, own[i] as number, this.#views.f64, blocks, length)
        }
      }
      this.#copyOut(program, arrays, at, count)
      at += count
      if (each !== null) first = end
    }
    return { arrays, totals: each === null ? totals.map(([total]) => total as number) : totals }
  }

  /** Makes the memory hold so many bytes; a RangeError where they are not to be had. */
  grow(bytes: number): void {
    const missing = bytes - this.#views.u16.byteLength
    if (missing <= 0) return
    this.memory.grow(Math.ceil(missing / PAGE))
    this.#views = viewsOf(this.memory)
  }

  #keptOf(node: Expr): Data {
    const kept = this.#kept.get(node) ?? allocate(node.kind, node.extent)
    this.#kept.set(node, kept)
    return kept
  }

  /** Where the results of the blocks of a reduction begin, in float64s. */
  #first({ inputs, outputs }: Program, reduction: number): number {
    return (this.#slots[inputs.length + outputs.length + reduction] as number) >> 3
  }

  #copyIn({ inputs, inputKinds }: Program, at: number, count: number): void {
    for (let i = 0; i < inputs.length; i++) {
      const data = inputs[i] as Data
      const kind = inputKinds[i] as Kind
      this.#view(kind).set(
        count === data.length ? data : data.subarray(at, at + count),
        (this.#slots[i] as number) / bytesOf(kind)
      )
    }
  }

  #copyOut({ size, domain, inputs, outputs }: Program, arrays: Data[], at: number, count: number): void {
    for (let i = 0; i < outputs.length; i++) {
      const { kind } = outputs[i] as Expr
      const slot = (this.#slots[inputs.length + i] as number) / bytesOf(kind)
      const computed = this.#view(kind)
      if (domain === null && count === size) arrays.push(computed.slice(slot, slot + count))
      else {
        if (at === 0) arrays.push(domain === null ? allocate(kind, size) : this.#keptOf(outputs[i] as Expr))
        arrays[i]?.set(computed.subarray(slot, slot + count), at)
      }
    }
  }

  /**
   * Gives every array its place and writes the places into the table; the memory grows when they do not fit. How many
   * elements are staged at a time comes back.
   */
  #layOut({ size, inputKinds, outputs, reductions }: Program, kernel: Kernel, atLeast = 0): number {
    const slots = this.#slots
    slots.length = 0
    let bytesPerElement = 0
    for (let i = 0; i < inputKinds.length; i++) bytesPerElement += bytesOf(inputKinds[i] as Kind)
    for (let i = 0; i < outputs.length; i++) bytesPerElement += bytesOf((outputs[i] as Expr).kind)
    const block = Math.max(blockOf(size, bytesPerElement), atLeast)
    let end = aligned(kernel.tableBytes)
    const take = (bytes: number): void => {
      slots.push(end)
      end = aligned(end + bytes)
    }
    for (let i = 0; i < inputKinds.length; i++) take(block * bytesOf(inputKinds[i] as Kind))
    for (let i = 0; i < outputs.length; i++) take(block * bytesOf((outputs[i] as Expr).kind))
    for (let i = 0; i < reductions.length; i++) take(8 * blocksOf(block))
    this.grow(end)
    const { i32 } = this.#views
    for (let i = 0; i < slots.length; i++) i32[i] = slots[i] as number
    return block
  }

  #writeScalars({ scalars, scalarKinds }: Program, kernel: Kernel): void {
    const { f32, f64 } = this.#views
    for (let i = 0; i < scalars.length; i++) {
      const at = kernel.scalars + 8 * i
      if (scalarKinds[i] === Kind.F64) f64[at >> 3] = scalars[i] as number
      else f32[at >> 2] = scalars[i] as number
    }
  }

  #view(kind: Kind): Data {
    return kind === Kind.F32 ? this.#views.f32 : kind === Kind.F64 ? this.#views.f64 : this.#views.u16
  }
}
