import type { Rule } from './compute.js'

/** How kernels have functions called that are no instruction. */
export interface ByLane {
  /** All of which there are nodes, by their operations, which are the names under which kernels import them. */
  readonly functions: Readonly<Record<number, Rule>>
  /** The code that calls the function of some index for each lane of its operands, with a local vector to work on. */
  readonly write: (index: number, isWide: boolean, operands: readonly number[][], local: number) => number[]
}

let known: ByLane | null = null

/** Says how: who makes nodes of such functions does so first, that nobody else need carry it. */
export const callBy = (byLane: ByLane): void => {
  known = byLane
}

/** How functions are called, where there is a node of one. */
export const byLane = (): ByLane | null => known
