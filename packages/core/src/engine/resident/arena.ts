import { bytesOf, type Data, Kind } from '../../array/dtype.js'
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

/** What an arena is for, in bytes. */
export type Contents = Readonly<Record<'params' | 'grads' | 'state' | 'scratch', number>>

/**
 * One WebAssembly memory of a fixed size, handed out from the bottom up. It never grows: growing would detach the views
 * that users hold. What is reserved costs address space alone until it is written to.
 */
export class Arena {
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
  constructor(contents: Contents, isShared: boolean, threads = 1) {
    this.threads = threads
    const { params, grads, state, scratch } = contents
    const bytes = Math.ceil((ALIGNMENT + params + grads + state + scratch) / PAGE) * PAGE
    const sizes = `params ${mebibytes(params)}, gradients ${mebibytes(grads)}, state ${mebibytes(state)} and scratch ${mebibytes(scratch)}`
    if (bytes > MOST_BYTES) {
      throw new InvalidOption(
        `transient: ${sizes} are ${mebibytes(bytes)}, and one WebAssembly memory holds 4096 MiB: split the params over several transients, or keep moments in bfloat16`
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
    return address
  }

  /** An array of whatever was there, as a view whose place is remembered. */
  takeArray(kind: Kind, size: number): Data {
    return this.arrayAt(this.take(size * bytesOf(kind)), kind, size)
  }

  /** Another array at an address that was handed out. */
  arrayAt(address: number, kind: Kind, size: number): Data {
    const { buffer } = this.memory
    const view =
      kind === Kind.F32
        ? new Float32Array(buffer, address, size)
        : kind === Kind.F64
          ? new Float64Array(buffer, address, size)
          : new Uint16Array(buffer, address, size)
    this.#places.set(view, address)
    return view
  }

  /** Some elements of an array of this arena, as a view of its own. */
  part(data: Data, start: number, size: number): Data {
    const view = data.subarray(start, start + size)
    this.#places.set(view, view.byteOffset)
    return view
  }

  /** Where a view of this arena lies; `undefined` for other arrays. */
  placeOf(data: Data): number | undefined {
    return this.#places.get(data)
  }

  /** Whether an array lies in this arena, be it under another view. */
  holds(data: Data): boolean {
    return data.buffer === this.memory.buffer
  }
}
