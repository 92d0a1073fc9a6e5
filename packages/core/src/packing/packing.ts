import { Kind } from '../array/dtype.js'
import { type Call, type Child, Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import type { Bytes } from '../wasm/bytes.js'

/** What an {@link Op.Opaque} node has beside its function where fused engines pack, or unpack, in the middle of a pass. */
export interface Packing {
  readonly packs: boolean
  /** How the packed elements are stored, as programs say it: one of {@link PACKED}. */
  readonly kind: number
}

/** A call that is a packing. */
export interface PackingCall extends Call {
  readonly packing: Packing
}

/** The kinds of storage that are no kind of an array: programs have them where others have the dtype of an input or an output. */
export const PACKED = { dynamic8: 8, dynamic4: 9, e4m3fn: 10, e5m2: 11 } as const

/** Whether an input or output of a program is packed. */
export const isPacked = (kind: number): boolean => kind >= PACKED.dynamic8

/** What packing a node does, if it does. */
const packingOf = (node: Expr): Packing | null =>
  node.op === Op.Opaque && node.detail !== null && 'packing' in node.detail
    ? (node.detail as PackingCall).packing
    : null

/** How a node that packs stores its elements; that of its dtype where it does not. */
export const storageOf = (node: Expr): number => {
  const packing = packingOf(node)
  return packing?.packs === true ? packing.kind : node.kind
}

/** How the words are stored that a node unpacks; `null` where it does something else. */
export const unpacksFrom = (node: Expr): number | null => {
  const packing = packingOf(node)
  return packing === null || packing.packs ? null : packing.kind
}

/** What a node packs; `null` where it does something else. */
export const packedBy = (node: Expr): Expr | null => (isPacked(storageOf(node)) ? operandOf(node) : null)

/** Whether a child is words that are to be packed. */
export const packs = (child: Child | null): boolean => child instanceof Expr && packedBy(child) !== null

/** The array that is packed or unpacked. */
export const operandOf = (node: Expr): Expr => (node.more as readonly Expr[])[0] as Expr

/** Whether a child is unpacked from words that are there. */
export const isUnpacked = (child: Child | null): boolean => child instanceof Expr && unpacksFrom(child) !== null

/** What the parts of a kernel that packs or unpacks are written with. */
export interface PackingParts {
  readonly newVector: () => number
  readonly newWord: () => number
  /** The inputs and the outputs that are packed: the local variable that points to it, and its storage. */
  readonly inputs: readonly PackedArray[]
  readonly outputs: readonly PackedArray[]
  /** The local variables of the addresses of a room, for the numbers of a block of each output, and of what kernels look up. */
  readonly room: number
  readonly tables: number
}

/** An array that a kernel reads or writes packed. */
export interface PackedArray {
  readonly pointer: number
  readonly kind: number
}

/** What a kernel has in it that packs or unpacks. */
export interface Packer {
  /** The next four elements of an input, `step` steps ahead, to a local vector. */
  readonly load: (input: number, to: number, step: number) => Bytes
  /** Puts a local vector, the next four elements of an output, where the block is put together. */
  readonly store: (output: number, from: number, step: number) => Bytes
  /** Goes on by some elements. */
  readonly next: (elements: number) => Bytes
  /** The whole loop, of whole steps up to a place. */
  readonly loop: (stepsTo: (end: Bytes) => Bytes) => Bytes
  /** What comes before all of that, once it is written. */
  readonly begin: () => Bytes
}

/** How fused engines pack. */
export interface Packings {
  /** Throws where one of the operands is what a node packs. */
  readonly refuseWords: (...operands: readonly (Child | null)[]) => void
  /** The outputs of a pass that want kernels of their own, by kernel. */
  readonly apart: (pass: { readonly outputs: readonly Expr[]; readonly reductions: readonly Expr[] }) => Expr[][]
  /** How many 16-bit words so many elements take, a whole number of blocks or all there are. */
  readonly wordsIn: (kind: number, elements: number) => number
  /** How many bytes of room a kernel wants on each thread that packs so many outputs, or none. */
  readonly roomIn: (packs: number) => number
  /** How many bytes there are of what kernels look up, and to write them at an address. */
  readonly tableBytes: () => number
  readonly writeTables: (buffer: ArrayBufferLike, address: number) => void
  /** How many local variables a kernel wants that are words, when so many inputs are packed. */
  readonly locals: (inputs: number) => number
  readonly write: (parts: PackingParts) => Packer
  readonly packed: (kind: number, data: Float32Array) => Uint16Array
  readonly unpacked: (kind: number, words: Uint16Array, size: number) => Float32Array
}

let known: Packings | null = null

/** Says how: who makes nodes that pack does so first, that nobody else need carry it. */
export const packBy = (packings: Packings): void => {
  known = packings
}

/** Whether there ever was a node that packs or unpacks. */
export const isAnyPacked = (): boolean => known !== null

/** How fused engines pack, where there is a node that does. */
export const packings = (): Packings => known as Packings

/** How many entries of an array so many elements take, as they are stored. */
export const entriesIn = (kind: number, elements: number): number =>
  isPacked(kind) ? packings().wordsIn(kind, elements) : elements

/** The kind of the array that holds what is stored in some way. */
export const kindOfStorage = (kind: number): Kind => (isPacked(kind) ? Kind.BF16 : (kind as Kind))
