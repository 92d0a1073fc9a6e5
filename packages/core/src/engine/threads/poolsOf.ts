import { type Arena, memoryOfAddress } from '../resident/arena.js'
import type { Launch, RunLaunches } from '../resident/launches.js'
import { type PoolOptions, ThreadPool } from './pool.js'

/** The threads of an arena: for each of its memories some, as a thread sees but one. */
export interface Pools {
  readonly run: RunLaunches
  readonly bytes: number
  readonly isReady: boolean
  readonly check: () => void
  readonly dispose: () => void
}

/** Starts so many threads for each memory of an arena. */
export const poolsOf = ({ all }: Arena, workers: number, options?: PoolOptions): Pools => {
  const pools = all.map(({ memory }) => new ThreadPool(memory, workers, options))
  const [first] = pools as [ThreadPool, ...ThreadPool[]]
  // Pools know lists of launches again.
  const parts = new WeakMap<readonly Launch[], readonly (readonly Launch[])[]>()
  const partsOf = (launches: readonly Launch[]): readonly (readonly Launch[])[] => {
    const known = parts.get(launches)
    if (known !== undefined) return known
    const made = pools.map((_, i) => launches.filter(({ table }) => memoryOfAddress(table) === i))
    parts.set(launches, made)
    return made
  }
  return {
    run: (launches) => {
      if (pools.length === 1) first.run(launches)
      else
        partsOf(launches).forEach((part, i) => {
          if (part.length > 0) pools[i]?.run(part)
        })
    },
    bytes: pools.reduce((sum, pool) => sum + pool.bytes, 0),
    get isReady() {
      return pools.every((pool) => pool.isReady)
    },
    check: () => {
      for (const pool of pools) pool.check()
    },
    dispose: () => {
      for (const pool of pools) pool.dispose()
    }
  }
}
