import type { Kernel } from '../wasm/kernel.js'

/** One call of a kernel over whole arrays. */
export interface Launch {
  readonly kernel: Kernel
  readonly table: number
  readonly size: number
  /** What the table begins with. */
  readonly pointers: readonly number[]
}

/** Runs the launches of a phase; they do not depend on each other. */
export type RunLaunches = (launches: readonly Launch[]) => void

/** How many elements a kernel is given at a time, so that one that is new is compiled well before its first array ends. */
export const CHUNK = 2 ** 18

/** Runs a launch, from one block of a sum to another, on this thread. */
export const runShare = ({ kernel, table }: Launch, from: number, to: number): void => {
  for (let at = from; at < to; at += CHUNK) kernel.run(table, at, Math.min(at + CHUNK, to))
}

/** Runs launches one after the other on this thread. */
export const runHere: RunLaunches = (launches) => {
  for (let i = 0; i < launches.length; i++) {
    const launch = launches[i] as Launch
    runShare(launch, 0, launch.size)
  }
}
