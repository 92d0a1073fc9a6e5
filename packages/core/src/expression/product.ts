import type { Data, Kind } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'

/** What an {@link Op.Matmul} node multiplies: `batch` times a matrix of m × k by one of k × n. */
export interface Product {
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
  /** Whether the first operand is one matrix for the whole batch. */
  readonly isOneA: boolean
  /** Whether the second operand is one matrix for the whole batch. */
  readonly isOneB: boolean
  /** Whether the first operand lies there as k × m. */
  readonly transposeA: boolean
  /** Whether the second operand lies there as n × k. */
  readonly transposeB: boolean
  /** Whether the elements above the diagonal are those below it. */
  readonly symmetric: boolean
  readonly method: ProductMethod
}

/** A WebAssembly module that computes a part of a product, and how large the table is that it works on. */
export interface ProductModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly scalars: number
  readonly tableBytes: number
}

/** One call of a module over all its tiles; `words` are the 32-bit words of its table. */
export interface ProductLaunch {
  readonly code: readonly number[]
  readonly words: readonly number[]
  readonly size: number
}

/** Addresses of the operands, of the result and of room for the packed operands. */
export interface ProductPlaces {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly packedA: number
  readonly packedB: number
}

/** A node that is a product, which is its detail, of nodes whose elements are known. */
export interface ProductNode {
  readonly kind: Kind
  readonly size: number
  readonly detail: unknown
  readonly more: readonly { readonly data: Data | null }[] | null
}

/** Memory for what is computed at the moment, and the kernels that work on it. */
export interface Scratch {
  /** Its buffer is another one after it has moved. */
  readonly memory: { readonly buffer: ArrayBufferLike }
  /** Makes the memory hold so many bytes; it may move. A RangeError where that is not to be had. */
  readonly grow: (bytes: number) => void
  /** The kernel of a module for this memory; `null` where it is refused. */
  readonly kernelOf: (code: readonly number[], assemble: ProductMethod['assemble']) => ScratchKernel | null
}

/** Memory in which arrays stay where they are, and the kernels that work on it. */
export interface ResidentRoom<K> {
  readonly places: ProductPlaces
  /** Hands out so many bytes. */
  readonly take: (bytes: number) => number
  /** The kernel of a module for this memory; `null` where it is refused. */
  readonly kernelOf: (code: readonly number[], assemble: ProductMethod['assemble']) => K | null
}

/** A launch on a table at an address, and the words to be written there. */
export interface ResidentLaunch<K> {
  readonly kernel: K
  readonly table: number
  readonly size: number
  readonly pointers: readonly number[]
  readonly parts: null
}

/** A product that is computed again and again in the same places. */
export interface ResidentProduct<K> {
  /** Whether it is worth waking other threads up. */
  readonly isWorthSharing: boolean
  /**
   * What is launched, one phase after the other, those of a phase at the same time. How the operands lie, transposed or not, is
   * looked at anew: in another step of the same graph it may be otherwise.
   */
  readonly phases: () => readonly (readonly ResidentLaunch<K>[])[]
}

/** Computes the elements from one to another, on what the table at an address says. */
export interface ScratchKernel {
  readonly run: (table: number, from: number, to: number) => void
}

/** The ways in which a product is computed; all give the same bits. */
export interface ProductMethod {
  /** The elements, in plain TypeScript: the specification. The product is the detail of the node. */
  readonly compute: (node: { readonly kind: Kind; readonly detail: unknown }, operands: readonly NdArray[]) => Data
  /** The elements, by kernels in scratch memory; `null` where that is not to be had. */
  readonly launch: (node: ProductNode, scratch: Scratch) => Data | null
  /** The product, between arrays that stay; `null` where there are no kernels for it. */
  readonly resident: <K>(
    node: { readonly kind: Kind; readonly detail: unknown },
    isOneArray: boolean,
    room: ResidentRoom<K>
  ) => ResidentProduct<K> | null
  /** How many bytes the packed operands take. */
  readonly packedBytes: (product: Product, kind: Kind) => readonly [a: number, b: number]
  /**
   * What is launched, one after the other: the packing of the first operand and of the second, which may go on at the same
   * time, the product, and what else there is to be done; `null` where a product is too large for it. `isOneArray` says that
   * the operands are the same array.
   */
  readonly plan: (
    product: Product,
    kind: Kind,
    isOneArray: boolean,
    places: ProductPlaces
  ) => readonly ProductLaunch[] | null
  /** The module that a launch names. */
  readonly assemble: (code: readonly number[], isShared: boolean) => ProductModule
}
