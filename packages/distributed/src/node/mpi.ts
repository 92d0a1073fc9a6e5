import { check, optional, type Requirement, withDefaults } from '@gradchain/core'
import { CommunicationError } from '../communicators/communicationError.js'
import type { Communicator } from '../communicators/communicator.js'
import { milliseconds } from '../communicators/localGroup.js'
import { communicatorOver } from '../internal/over.js'
import { candidates, type Koffi, loadLibrary, ranksOf } from './internal/mpiLibrary.js'
import { mpiTransport } from './internal/mpiTransport.js'

/** Options of {@link mpi}. */
export interface MpiOptions {
  /**
   * The file of the library, such as `/usr/lib/libmpich.so.12`. When left out, that of the launcher is looked for, or without a launcher any.
   * @defaultValue `undefined`
   */
  readonly library?: string
  /** For how many milliseconds a rank waits for another before that counts as late, > 0; `Infinity` waits for ever. @defaultValue `60000` */
  readonly timeout?: number
}

/**
 * Joins the ranks that `mpirun` has started: MPICH 3 and 4, and Open MPI 4 and 5, called through koffi, which is to be installed beside this package. Without
 * a launcher a process is the only rank.
 *
 * Calls go on by themselves and are asked whether they are through, so that a rank that is late is an error, and no rank waits for ever. A process
 * that ends with an error ends the others, too.
 *
 * Sums are those of the library: equal bits on all ranks, and again for the same trees, but not those of one process, nor of a tree that holds more.
 *
 * @example
 * // mpirun -n 2 node train.js
 * await mpi({ library: 'libmpi.so.0' }) // => throws CommunicationError: mpi: there is no library of MPI, looked for libmpi.so.0; install …
 *
 * @throws CommunicationError (as a rejection) when there is no such library, or another one, or a process joins a second time.
 */
export const mpi = async (options: MpiOptions = {}): Promise<Communicator> => {
  const defaults: { readonly library: string | undefined; readonly timeout: number } = {
    library: undefined,
    timeout: 60_000
  }
  const { library, timeout } = withDefaults('mpi', options, defaults)
  check('mpi', { library }, optional(file))
  check('mpi', { timeout }, milliseconds)
  const koffi = await koffiHere()
  const loaded = loadLibrary(koffi, library === undefined ? candidates(process.env) : [library])
  return communicatorOver(mpiTransport(loaded, ranksOf(process.env)), timeout)
}

const file: Requirement = {
  what: 'the name of a file',
  holds: (value) => typeof value === 'string' && value !== ''
}

/** Koffi, which calls libraries without a compiler; only who wants MPI needs it. */
const koffiHere = async (): Promise<Koffi> => {
  try {
    const { default: koffi } = (await import('koffi')) as unknown as { readonly default: Koffi }
    return koffi
  } catch (error) {
    throw new CommunicationError(
      'unavailable',
      `mpi: the package koffi must be there, \`npm install koffi\` (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`
    )
  }
}
