import { allocate, bytesOf, type Data, Kind } from '../../array/dtype.js'
import { settle, settleScalar } from '../../expression/expr.js'
import type { Program } from '../program.js'
import { addBlocks, blocksOf, idleOf, SUM_BLOCK } from '../sum.js'
import type { Kernel } from './kernel.js'

const PAGE = 65_536
/** How many bytes of arrays are staged at a time: what stays in a second-level cache. */
const STAGED_BYTES = 512 * 1024

/** The next address for an array: vectors are read and written whole, so that each array has room to spare. */
const aligned = (address: number): number => (address + 127) & ~63

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
const blockOf = (size: number, kinds: readonly Kind[]): number => {
  let bytesPerElement = 0
  for (const kind of kinds) bytesPerElement += bytesOf(kind)
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

  /** Runs the kernel of a program and gives its outputs and reductions their values. */
  run(program: Program, kernel: Kernel): void {
    const { size, inputs, inputKinds, outputs, reductions } = program
    const kinds = [...inputKinds, ...outputs.map((node) => node.kind)]
    const block = blockOf(size, kinds)
    const slots = this.#layOut(aligned(kernel.tableBytes), kinds, block, reductions.length)
    this.#writeScalars(program, kernel)
    const totals = reductions.map(({ op }) => idleOf(op))
    const results: Data[] = []
    for (let at = 0; at < size; at += block) {
      const count = Math.min(block, size - at)
      inputs.forEach((data, i) => this.#copyIn(data, inputKinds[i] as Kind, slots[i] as number, at, count))
      kernel.run(0, 0, count)
      reductions.forEach(({ op }, i) => {
        const first = (slots[kinds.length + i] as number) >> 3
        totals[i] = addBlocks(op, totals[i] as number, this.#views.f64, first, count)
      })
      outputs.forEach(({ kind }, i) => {
        const slot = (slots[inputs.length + i] as number) / bytesOf(kind)
        const computed = this.#view(kind)
        if (count === size) results.push(computed.slice(slot, slot + count))
        else {
          if (at === 0) results.push(allocate(kind, size))
          results[i]?.set(computed.subarray(slot, slot + count), at)
        }
      })
    }
    outputs.forEach((node, i) => settle(node, results[i] as Data))
    reductions.forEach((node, i) => settleScalar(node, totals[i] as number))
  }

  /** Gives every array its place and writes the places into the table; the memory grows when they do not fit. */
  #layOut(start: number, kinds: readonly Kind[], block: number, reductions: number): number[] {
    const slots: number[] = []
    let end = start
    for (const kind of kinds) {
      slots.push(end)
      end = aligned(end + block * bytesOf(kind))
    }
    for (let i = 0; i < reductions; i++) {
      slots.push(end)
      end = aligned(end + 8 * blocksOf(block))
    }
    const missing = end - this.memory.buffer.byteLength
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE))
      this.#views = viewsOf(this.memory)
    }
    this.#views.i32.set(slots)
    return slots
  }

  #writeScalars({ scalars, scalarKinds }: Program, kernel: Kernel): void {
    const { f32, f64 } = this.#views
    for (let i = 0; i < scalars.length; i++) {
      const at = kernel.scalars + 8 * i
      if (scalarKinds[i] === Kind.F64) f64[at >> 3] = scalars[i] as number
      else f32[at >> 2] = scalars[i] as number
    }
  }

  #copyIn(data: Data, kind: Kind, slot: number, at: number, count: number): void {
    const part = count === data.length ? data : data.subarray(at, at + count)
    this.#view(kind).set(part, slot / bytesOf(kind))
  }

  #view(kind: Kind): Data {
    return kind === Kind.F32 ? this.#views.f32 : kind === Kind.F64 ? this.#views.f64 : this.#views.u16
  }
}
