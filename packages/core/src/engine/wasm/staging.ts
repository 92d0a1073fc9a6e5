import { allocate, bytesOf, type Data, Kind } from '../../array/dtype.js'
import { type Expr, fill } from '../../expression/expr.js'
import { reducing } from '../../expression/reducing.js'
import { blocksOf, SUM_BLOCK } from '../../expression/sum.js'
import { entriesIn, isPacked, kindOfStorage, packings } from '../../packing/packing.js'
import { homes } from '../homes.js'
import { type Program, scalarOf } from '../program.js'
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

/**
 * The scratch memory that kernels work on, and the way of ordinary arrays into it and out of it: block by block, each copied
 * in, computed and copied out.
 */
export class Staging {
  readonly memory = new WebAssembly.Memory({ initial: 16 })
  #views = viewsOf(this.memory)
  /** Where the inputs, the outputs and the blocks of the reductions of the program at hand lie. */
  readonly #slots: number[] = []
  /** Where what packing looks up lies, for as long as it does. */
  #tables: number | null = null
  /** The arrays of nodes that stand for many arrays: nobody has them for longer than the evaluation. */
  readonly #kept = new WeakMap<Expr, Data>()

  /** Runs the kernel of a program and gives its outputs and reductions their values. */
  run(program: Program, kernel: Kernel): void {
    const { size, domain, outputs, reductions } = program
    const totals = reductions.length === 0 ? null : reducing().totals(reductions, domain)
    const block = this.#layOut(program, kernel, totals?.atLeast ?? 0)
    this.#writeScalars(program, kernel)
    const arrays: Data[] = []
    for (let at = 0; at < size; ) {
      const count = totals === null ? Math.min(block, size - at) : totals.next(at, size, block)
      this.#copyIn(program, at, count)
      if (totals === null) kernel.run(0, 0, count)
      else totals.take({ at, count, run: kernel.run, blocks: this.#views.f64, slots: this.#slots })
      this.#copyOut(program, arrays, at, count)
      at += count
    }
    for (let i = 0; i < outputs.length; i++) fill(outputs[i] as Expr, arrays[i] as Data)
    totals?.finish()
  }

  /** Makes the memory hold so many bytes, for who writes to them; a RangeError where they are not to be had. */
  grow(bytes: number): void {
    this.#tables = null
    this.#grow(bytes)
  }

  #grow(bytes: number): void {
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

  #copyIn({ inputs, inputKinds }: Program, at: number, count: number): void {
    for (let i = 0; i < inputs.length; i++) {
      const { kind, data } = inputs[i] as Expr & { readonly data: Data }
      const storage = inputKinds[i] as number
      const [first, length] = [entriesIn(storage, at), entriesIn(storage, count)]
      const part = length === data.length ? data : data.subarray(first, first + length)
      this.#view(kind).set(part, (this.#slots[i] as number) / bytesOf(kind))
    }
  }

  #copyOut({ size, domain, inputs, outputs, outputKinds }: Program, arrays: Data[], at: number, count: number): void {
    for (let i = 0; i < outputs.length; i++) {
      const node = outputs[i] as Expr
      const { kind } = node
      const storage = outputKinds[i] as number
      const slot = (this.#slots[inputs.length + i] as number) / bytesOf(kind)
      const length = entriesIn(storage, count)
      const computed = this.#view(kind)
      const home = homes()?.of(node)
      if (domain === null && count === size && home === undefined) arrays.push(computed.slice(slot, slot + length))
      else {
        if (at === 0) arrays.push(home ?? (domain === null ? allocate(kind, node.extent) : this.#keptOf(node)))
        arrays[i]?.set(computed.subarray(slot, slot + length), entriesIn(storage, at))
      }
    }
  }

  /**
   * Gives every array its place and writes the places into the table; the memory grows when they do not fit. How many
   * elements are staged at a time comes back.
   */
  #layOut(
    { size, inputs, inputKinds, outputs, outputKinds, reductions }: Program,
    kernel: Kernel,
    atLeast: number
  ): number {
    const slots = this.#slots
    slots.length = 0
    let bytesPerElement = 0
    for (let i = 0; i < inputs.length; i++) bytesPerElement += bytesOf((inputs[i] as Expr).kind)
    for (let i = 0; i < outputs.length; i++) bytesPerElement += bytesOf((outputs[i] as Expr).kind)
    const block = Math.max(blockOf(size, bytesPerElement), atLeast)
    const packs = outputKinds.filter(isPacked).length
    const looksUp = packs > 0 || inputKinds.some(isPacked)
    let end = aligned(kernel.tableBytes)
    if (this.#tables !== null && this.#tables < end) this.#tables = null
    const isNew = looksUp && this.#tables === null
    if (isNew) this.#tables = end
    if (this.#tables !== null) end = aligned(this.#tables + packings().tableBytes())
    const take = (bytes: number): void => {
      slots.push(end)
      end = aligned(end + bytes)
    }
    const bytesIn = (storage: number): number => entriesIn(storage, block) * bytesOf(kindOfStorage(storage))
    for (let i = 0; i < inputs.length; i++) take(bytesIn(inputKinds[i] as number))
    for (let i = 0; i < outputs.length; i++) take(bytesIn(outputKinds[i] as number))
    for (let i = 0; i < reductions.length; i++) take(8 * blocksOf(block))
    if (looksUp) {
      take(packings().roomIn(packs))
      slots.push(this.#tables as number)
    }
    this.#grow(end)
    if (isNew) packings().writeTables(this.memory.buffer, this.#tables as number)
    const { i32 } = this.#views
    for (let i = 0; i < slots.length; i++) i32[i] = slots[i] as number
    return block
  }

  #writeScalars({ users, places }: Program, { scalars }: Kernel): void {
    const { f32, f64 } = this.#views
    for (let i = 0; i < users.length; i++) {
      const user = users[i] as Expr
      const at = scalars + 8 * i
      const value = scalarOf(user, places[i] as number)
      if (user.kind === Kind.F64) f64[at >> 3] = value
      else f32[at >> 2] = value
    }
  }

  #view(kind: Kind): Data {
    return kind === Kind.F32 ? this.#views.f32 : kind === Kind.F64 ? this.#views.f64 : this.#views.u16
  }
}
