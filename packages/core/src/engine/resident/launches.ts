import type { Domain } from '../../expression/domain.js'
import { reducing } from '../../expression/reducing.js'
import { eachRun } from '../../expression/runs.js'
import { SUM_BLOCK } from '../../expression/sum.js'
import type { Kernel } from '../wasm/kernel.js'

/** One call of a kernel over whole arrays. */
export interface Launch {
  readonly kernel: Kernel
  readonly table: number
  readonly size: number
  /** What the table begins with. */
  readonly pointers: readonly number[]
  /** The arrays that lie side by side, when it does not go through all elements in a row. */
  readonly parts: Parts | null
}

/** A launch on many arrays side by side. */
export interface Parts {
  readonly domain: Domain
  /** What is reduced, array by array: which operation, where the results of its blocks lie, and where its totals go. */
  readonly sums: readonly Sums[]
  readonly blocks: Float64Array
}

/** A reduction of each of many arrays. */
export interface Sums {
  readonly op: number
  readonly first: number
  readonly totals: Float64Array
}

/** Runs the launches of a phase; they do not depend on each other. */
export type RunLaunches = (launches: readonly Launch[]) => void

/** How many elements a kernel is given at a time, so that one that is new is compiled well before its first array ends. */
export const CHUNK = 2 ** 18

/** Runs a launch, from one block of a sum to another, on this thread. */
export const runShare = ({ kernel, table }: Launch, from: number, to: number): void => {
  for (let at = from; at < to; at += CHUNK) kernel.run(table, at, Math.min(at + CHUNK, to))
}

/** Runs a launch on this thread. */
export const runWhole = (launch: Launch): void => {
  const { parts, size } = launch
  if (parts === null) runShare(launch, 0, size)
  else if (parts.sums.length === 0) runParts(launch, parts.domain)
  else sumParts(launch, parts)
}

/** Runs launches one after the other on this thread. */
export const runHere: RunLaunches = (launches) => {
  for (let i = 0; i < launches.length; i++) runWhole(launches[i] as Launch)
}

const runParts = (launch: Launch, domain: Domain): void => eachRun(domain, (start, end) => runShare(launch, start, end))

// Blocks are counted from the beginning of each array.
const sumParts = ({ kernel, table }: Launch, { domain, sums, blocks }: Parts): void => {
  const { starts, lengths } = domain
  const { idleOf, addBlocks } = reducing()
  for (let i = 0; i < starts.length; i++) {
    const from = starts[i] as number
    const length = lengths[i] as number
    if (length > 0) kernel.run(table, from, from + length)
    for (let j = 0; j < sums.length; j++) {
      const { op, first, totals } = sums[j] as Sums
      totals[i] = addBlocks(op, idleOf(op), blocks, first + Math.floor(from / SUM_BLOCK), length)
    }
  }
}
