import { bytesOf, type Data, Kind } from '../../array/dtype.js'
import { InvalidOption } from '../../errors.js'
import { MOST_PAGES } from '../wasm/kernel.js'

const PAGE = 65_536

/** Bytes behind every array, as vectors are read and written whole; and the alignment of the next. */
const ALIGNMENT = 64

/** How many bytes an array takes in an arena. */
export const footprint = (kind: Kind, size: number): number =>
  (Math.ceil((size * bytesOf(kind)) / ALIGNMENT) + 1) * ALIGNMENT

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/**
 * One WebAssembly memory of a fixed size, handed out from the bottom up. It never grows: growing would detach the views
 * that users hold. What is reserved costs address space alone until it is written to.
 */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly f64: Float64Array
  readonly i32: Int32Array
  readonly f32: Float32Array
  readonly u16: Uint16Array
  readonly bytes: number
  #top = ALIGNMENT
  readonly #places = new Map<Data, number>()

  constructor(bytes: number, isShared: boolean) {
    const pages = Math.ceil(bytes / PAGE)
    if (pages > MOST_PAGES) {
      throw new InvalidOption(
        `transient: params, gradients and state take ${megabytes(bytes)}, and one WebAssembly memory holds 4096 MiB: split the params over several transients, or keep moments in bfloat16`
      )
    }
    this.bytes = pages * PAGE
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: isShared ? MOST_PAGES : pages, shared: isShared })
    const { buffer } = this.memory
    this.f64 = new Float64Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.f32 = new Float32Array(buffer)
    this.u16 = new Uint16Array(buffer)
  }

  /** How far the memory is handed out. */
  get top(): number {
    return this.#top
  }

  /** Takes back everything handed out beyond an address. */
  release(top: number): void {
    this.#top = top
  }

  /** The address of so many bytes. */
  take(bytes: number): number {
    const address = this.#top
    const end = address + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT + ALIGNMENT
    if (end > this.bytes) {
      throw new InvalidOption(
        `transient: a step needs ${megabytes(end - address)} more for what it stores in between, and ${megabytes(this.bytes - address)} are left: give more with the option scratchBytes`
      )
    }
    this.#top = end
    return address
  }

  /** An array of zeros or of what was there, and a view of it, whose place is remembered. */
  takeArray(kind: Kind, size: number): Data {
    const address = this.take(size * bytesOf(kind))
    const view = this.#view(kind, address, size)
    this.#places.set(view, address)
    return view
  }

  /** Where a view of this arena lies; `undefined` for other arrays. */
  placeOf(data: Data): number | undefined {
    return this.#places.get(data)
  }

  #view(kind: Kind, address: number, size: number): Data {
    const { buffer } = this.memory
    if (kind === Kind.F32) return new Float32Array(buffer, address, size)
    return kind === Kind.F64 ? new Float64Array(buffer, address, size) : new Uint16Array(buffer, address, size)
  }
}
