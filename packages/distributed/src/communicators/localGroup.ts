import { check, type Requirement, withDefaults } from '@gradchain/core'
import { sharedMemory } from '../internal/shared.js'

/** Options of communicators of one process. */
export interface LocalOptions {
  /** For how many milliseconds a rank waits for another before that counts as late, > 0; `Infinity` waits for ever. @defaultValue `60000` */
  readonly timeout?: number
}

/** A rank's seat in a group of one process: plain data that can be handed to the thread that takes it, in its `workerData` or by `postMessage`. */
export interface LocalSeat {
  /** The memory that all seats share. */
  readonly memory: SharedArrayBuffer
  /** Whose seat it is. */
  readonly rank: number
  /** How many seats there are. */
  readonly size: number
  /** For how many milliseconds a rank waits for another. */
  readonly timeout: number
}

/**
 * Seats for ranks that are threads of one process, to be taken by `joinLocal`, each once. They share memory: one MiB for each, through which
 * what is larger goes piece by piece.
 *
 * `local` of `@gradchain/distributed/node` starts such threads itself.
 *
 * @param size - how many ranks, from 1 to 256.
 *
 * @example
 * localGroup(3).map(({ rank, size }) => [rank, size]) // => [[0, 3], [1, 3], [2, 3]]
 *
 * @throws InvalidOption for a size or an option out of range.
 */
export const localGroup = (size: number, options: LocalOptions = {}): readonly LocalSeat[] => {
  const { timeout } = withDefaults('localGroup', options, { timeout: 60_000 })
  check('localGroup', { size }, ranks)
  check('localGroup', { timeout }, milliseconds)
  const memory = sharedMemory(size)
  return Array.from({ length: size }, (_, rank) => ({ memory, rank, size, timeout }))
}

const ranks: Requirement = {
  what: 'a whole number from 1 to 256',
  holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 256
}

/** What a time limit must be. */
export const milliseconds: Requirement = {
  what: 'a number of milliseconds > 0',
  holds: (value) => typeof value === 'number' && value > 0
}
