// For tests of what is held: the garbage collector at call.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects all garbage, at once. */
export const collect = runInNewContext('gc') as () => void

/** How many bytes of heap are in use, garbage collected. */
export const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}
