import type { Launch, RunLaunches } from './plan.js'

/** How many elements a kernel is given at a time, so that one that is new is compiled well before its first array ends. */
const CHUNK = 2 ** 18

/** Runs launches one after the other on this thread. */
export const runHere: RunLaunches = (launches) => {
  for (let i = 0; i < launches.length; i++) {
    const { kernel, table, size } = launches[i] as Launch
    for (let from = 0; from < size; from += CHUNK) kernel.run(table, from, Math.min(from + CHUNK, size))
  }
}
