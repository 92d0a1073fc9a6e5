import type { Domain } from './domain.js'
import type { Expr } from './expr.js'

/** How whole arrays are reduced to numbers. */
export interface Reducing {
  /** The result for elements, `y` those of the second operand, or again of the first; the specification. */
  readonly of: (op: number, x: (i: number) => number, y: (i: number) => number, length: number) => number
  /** What a reduction of nothing gives. */
  readonly idleOf: (op: number) => number
  /** Takes the results of the blocks of `length` elements, which lie in a row from `first` on, into a total, in order. */
  readonly addBlocks: (op: number, total: number, blocks: Float64Array, first: number, length: number) => number
  /** The totals of a program whose arrays are staged a stretch at a time. */
  readonly totals: (reductions: readonly Expr[], domain: Domain | null) => Totals
  /** The part of a kernel that does it. */
  readonly write: (reductions: readonly ReducedRegisters[], kernel: KernelParts) => Reducer
}

/** Totals that come together while arrays are staged. */
export interface Totals {
  /** How many elements must fit in at a time, at the least. */
  readonly atLeast: number
  /** How many elements the next stretch has, which begins at one of so many; a block of them, or what fits it of many arrays. */
  next(at: number, size: number, block: number): number
  /** Has a stretch computed, and takes what came of it into the totals. */
  take(stretch: Stretch): void
  /** Gives the reductions their values. */
  finish(): void
}

/** Elements that are staged together. */
export interface Stretch {
  readonly at: number
  readonly count: number
  /** Computes some of them, counted from the first, with the table at an address. */
  readonly run: (table: number, from: number, to: number) => void
  /** The memory, and the addresses in it: the last ones are those of the results of the blocks of each reduction. */
  readonly blocks: Float64Array
  readonly slots: readonly number[]
}

/** A reduction and the registers that it reads. */
export interface ReducedRegisters {
  readonly op: number
  readonly operands: readonly number[]
}

/** What the parts of a kernel are written with; code is a list of bytes. */
export interface KernelParts {
  /** Two local vectors of their own. */
  readonly twoVectors: () => readonly [number, number]
  /** Two elements of a register, those from `2 · pair` on, as float64. */
  readonly widePair: (register: number, pair: number) => number[]
  /** Whether a register is float64: the product of two that are not is exact in float64. */
  readonly isWide: (register: number) => boolean
  /** The first of the local variables that say where the results of the blocks go. */
  readonly results: number
}

/** What a kernel with reductions has in it. */
export interface Reducer {
  /** Adds the current elements to a reduction; with a mask, only those that exist. */
  readonly accumulate: (index: number, mask: readonly [number, number] | null) => number[]
  /** The whole loop, of whole steps up to a place and of a last one under a mask. */
  readonly loop: (
    stepsTo: (end: number[]) => number[],
    lastStep: (mask: readonly [number, number]) => number[]
  ) => number[]
}

let known: Reducing | null = null

/** Says how: who makes nodes that reduce does so first, that nobody else need carry it. */
export const reduceBy = (reducing: Reducing): void => {
  known = reducing
}

/** How whole arrays are reduced, where there is a node that does. */
export const reducing = (): Reducing => known as Reducing
