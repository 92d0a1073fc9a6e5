import { isSameList } from '../../lists.js'
import { type Assembly, assemble, instantiate, type Kernel } from './kernel.js'

interface Entry {
  readonly code: readonly number[]
  readonly hash: number
  kernel: Kernel | null
  /** Whether compiling it was refused: it is beyond a limit of WebAssembly, such as the number of local variables. */
  isRefused: boolean
}

/** How many programs are remembered; the one not used for longest goes first. */
export const CAPACITY = 512

/** From this many elements on a program is compiled when it is first seen, below it when it is seen again. */
export const LARGE = 16_384

/** How a module is written for a code, for memory that is shared or not. */
export type Assemble = (code: readonly number[], isShared: boolean) => Assembly

const hashOf = (code: readonly number[]): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < code.length; i++) hash = Math.imul(hash ^ (code[i] as number), 0x01000193)
  return hash | 0
}

/** Compiled kernels by their program, to the last number of it: a hash only finds the candidates. */
export class KernelCache {
  readonly #memory: WebAssembly.Memory
  readonly #isShared: boolean
  // Insertion order is order of use: an entry that is used is taken out and put in again.
  readonly #buckets = new Map<number, Entry[]>()
  #size = 0

  constructor(memory: WebAssembly.Memory, isShared = false) {
    this.#memory = memory
    this.#isShared = isShared
  }

  /** How many programs are remembered. */
  get size(): number {
    return this.#size
  }

  /**
   * The kernel of a program, or of what else `write` makes a module of, or `null` when compiling it does not pay yet or is
   * refused.
   */
  find(code: readonly number[], elements: number, write: Assemble = assemble): Kernel | null {
    const hash = hashOf(code)
    const bucket = this.#buckets.get(hash) ?? []
    const known = bucket.find((entry) => isSameList(entry.code, code))
    const entry = known ?? { code, hash, kernel: null, isRefused: false }
    if (known === undefined) {
      bucket.push(entry)
      this.#size += 1
    }
    this.#buckets.delete(hash)
    this.#buckets.set(hash, bucket)
    if (this.#size > CAPACITY) this.#forgetOldest()
    if (entry.kernel === null && !entry.isRefused && (known !== undefined || elements >= LARGE)) {
      entry.kernel = this.#compile(code, write)
      entry.isRefused = entry.kernel === null
    }
    return entry.kernel
  }

  #compile(code: readonly number[], write: Assemble): Kernel | null {
    const assembly = write(code, this.#isShared)
    try {
      return { run: instantiate(assembly.bytes, this.#memory), ...assembly }
    } catch (error) {
      // Browsers call it a range when a module is larger than they compile at once.
      if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return null
      throw error
    }
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.entries().next().value
    if (oldest === undefined) return
    this.#buckets.delete(oldest[0])
    this.#size -= oldest[1].length
  }
}
