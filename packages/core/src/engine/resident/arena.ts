import { bytesOf, type Data, type Kind } from '../../array/dtype.js'
import { viewOf } from '../../array/view.js'
import { InvalidOption } from '../../errors.js'
import { isWasmSupported } from '../wasm/engine.js'
import { MOST_PAGES } from '../wasm/kernel.js'

const PAGE = 65_536

/** How much one memory holds: as much as 32 bits can address. */
export const MOST_BYTES = 2 ** 32

/** Arrays begin at its multiples, and have as much room behind them, as vectors are read and written whole. */
const ALIGNMENT = 64

/** How many bytes so many bytes take in an arena. */
const padded = (bytes: number): number => (Math.ceil(bytes / ALIGNMENT) + 1) * ALIGNMENT

/** How many bytes an array takes in an arena. */
export const footprint = (kind: Kind, size: number): number => padded(size * bytesOf(kind))

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** A memory that may be shared with other threads, or stands in where there is no WebAssembly. */
const memoryOf = (bytes: number, isShared: boolean): Pick<WebAssembly.Memory, 'buffer'> => {
  if (!isWasmSupported()) return { buffer: new ArrayBuffer(bytes) }
  const pages = bytes / PAGE
  // Kernels for shared memory are written for any size of it.
  return new WebAssembly.Memory({ initial: pages, maximum: isShared ? MOST_PAGES : pages, shared: isShared })
}

/** Which memory an address is of. */
export const memoryOfAddress = (address: number): number => Math.floor(address / MOST_BYTES)

/** An address within its memory. */
export const wordOf = (address: number): number => address % MOST_BYTES

/** How far each memory is handed out. */
export type Mark = readonly number[]

/** Whether something that lies between two marks shares memory with something that lies between two others. */
export const overlap = (base: Mark, top: Mark, otherBase: Mark, otherTop: Mark): boolean =>
  base.some((from, i) => (otherBase[i] as number) < (top[i] as number) && from < (otherTop[i] as number))

/** What an arena is for, in bytes. */
export type Contents = Readonly<Record<'params' | 'grads' | 'state' | 'scratch', number>>

/**
 * One WebAssembly memory of a fixed size, handed out from the bottom up. It never grows: growing would detach the views
 * that users hold. What is reserved costs address space alone until it is written to.
 *
 * Where there are several, the first one has them all. Addresses tell them apart: those of each memory begin at a multiple of 2³², which
 * kernels, who take 32 bits of an address, do not see.
 */
export class Arena {
  /** All memories, when this is the first of several. */
  readonly all: readonly Arena[]
  readonly #number: number
  readonly memory: WebAssembly.Memory
  readonly f64: Float64Array
  readonly i32: Int32Array
  readonly f32: Float32Array
  readonly bytes: number
  /** How many threads work on it. */
  readonly threads: number
  #top = ALIGNMENT
  #peak = ALIGNMENT
  // Weakly: plans come and go, and their temporaries with them.
  readonly #places = new WeakMap<Data, number>()

  /** @throws InvalidOption when the contents are more than one memory holds, or than can be had. */
  constructor(contents: Contents, isShared: boolean, threads = 1, further: readonly Contents[] = [], number = 0) {
    this.threads = threads
    this.#number = number
    const { params, grads, state, scratch } = contents
    const bytes = Math.ceil((ALIGNMENT + params + grads + state + scratch) / PAGE) * PAGE
    const sizes = `params ${mebibytes(params)}, gradients ${mebibytes(grads)}, state ${mebibytes(state)} and scratch ${mebibytes(scratch)}`
    if (bytes > MOST_BYTES) {
      throw new InvalidOption(
        `transient: ${sizes} are ${mebibytes(bytes)}, and one WebAssembly memory, which an array shares with its gradient and its state, holds 4096 MiB: keep moments in bfloat16, or divide the array`
      )
    }
    try {
      // Without WebAssembly it is never handed to a kernel.
      this.memory = memoryOf(bytes, isShared) as WebAssembly.Memory
    } catch {
      throw new InvalidOption(
        `transient: there is no memory to be had for ${sizes}: dispose of what is done, or give less scratchBytes`
      )
    }
    this.bytes = bytes
    const { buffer } = this.memory
    this.f64 = new Float64Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.f32 = new Float32Array(buffer)
    this.all = [this, ...further.map((others, i) => new Arena(others, isShared, threads, [], i + 1))]
  }

  /** The memory that an address is of. */
  at(address: number): Arena {
    return this.all[memoryOfAddress(address)] as Arena
  }

  /** How far all memories are handed out. */
  get mark(): Mark {
    return this.all.map(({ top }) => top)
  }

  /** Takes back everything handed out beyond a mark. */
  releaseTo(mark: Mark): void {
    this.all.forEach((one, i) => {
      one.release(mark[i] as number)
    })
  }

  /** Whether all memories are handed out to a mark, and no further. */
  isAt(mark: Mark): boolean {
    return this.all.every(({ top }, i) => top === mark[i])
  }

  /** How far beyond a mark a memory was ever handed out. */
  usedBeyond(mark: Mark): number {
    return Math.max(...this.all.map(({ peak }, i) => peak - (mark[i] as number)))
  }

  /** How far the memory is handed out. */
  get top(): number {
    return this.#top
  }

  /** How far it was ever handed out. */
  get peak(): number {
    return this.#peak
  }

  /** Takes back everything handed out beyond an address. */
  release(top: number): void {
    this.#top = top
  }

  /**
   * The address of so many bytes.
   *
   * @throws InvalidOption when they are not left.
   */
  take(bytes: number): number {
    const address = this.#top
    const end = address + padded(bytes)
    if (end > this.bytes) {
      throw new InvalidOption(
        `transient: a step needs ${mebibytes(end - address)} more for what it stores in between, and ${mebibytes(this.bytes - address)} are left: give more with the option scratchBytes`
      )
    }
    this.#top = end
    if (end > this.#peak) this.#peak = end
    return this.#number * MOST_BYTES + address
  }

  /** An array of whatever was there, as a view whose place is remembered. */
  takeArray(kind: Kind, size: number): Data {
    return this.arrayAt(this.take(size * bytesOf(kind)), kind, size)
  }

  /** Another array at an address that was handed out. */
  arrayAt(address: number, kind: Kind, size: number): Data {
    const view = viewOf(kind, this.memory.buffer, wordOf(address), size)
    this.#places.set(view, address)
    return view
  }

  /** Some elements of an array of this arena, as a view of its own. */
  part(data: Data, start: number, size: number): Data {
    const view = data.subarray(start, start + size)
    this.#places.set(view, this.#number * MOST_BYTES + view.byteOffset)
    return view
  }

  /** Where a view of this arena, or of a further one, lies; `undefined` for other arrays. */
  placeOf(data: Data): number | undefined {
    for (const one of this.all) if (one.memory.buffer === data.buffer) return one.#places.get(data)
    return undefined
  }

  /** Whether an array lies in this arena, be it under another view. */
  holds(data: Data): boolean {
    return this.all.some(({ memory }) => data.buffer === memory.buffer)
  }
}
