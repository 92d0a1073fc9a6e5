import { Worker } from 'node:worker_threads'
import { check, type Requirement, withDefaults } from '@gradchain/core'
import { CommunicationError } from '../communicators/communicationError.js'
import { localGroup } from '../communicators/localGroup.js'
import { failShared } from '../internal/shared.js'

/** Options of {@link local}. */
export interface LocalRunOptions {
  /** Handed to every rank as the second argument; it must survive `structuredClone`. @defaultValue `undefined` */
  readonly data?: unknown
  /** For how many milliseconds a rank waits for another before that counts as late, > 0; `Infinity` waits for ever. @defaultValue `60000` */
  readonly timeout?: number
}

/**
 * Runs a module once for each of n ranks, in threads of this process. The module's default export is what a rank does: a function of its communicator and of
 * `data`, whose result, or what its promise gives, is the rank's result.
 *
 *     // train.js
 *     export default (comm, data) => comm.allReduce(data.w).wait()
 *
 *     const [first, second] = await local(2, new URL('./train.js', import.meta.url), { data: { w: 1 } })
 *
 * When a rank throws, or its thread ends, whoever waits for it fails at once, and this promise fails with what that rank threw once the others have ended;
 * those that have not within `timeout` are ended.
 *
 * @param size - how many ranks, from 1 to 256.
 * @param module - the URL of the module.
 * @returns the results, in the order of ranks.
 *
 * @example
 * await local(0, new URL('file:///train.js')) // => throws InvalidOption: localGroup: size must be a whole number from 1 to 256, got 0
 *
 * @throws InvalidOption for what is out of range; CommunicationError when a thread ends before its time.
 */
export const local = async <R = unknown>(size: number, module: URL, options: LocalRunOptions = {}): Promise<R[]> => {
  const { data, timeout } = withDefaults('local', options, { data: undefined as unknown, timeout: 60_000 })
  check('local', { module }, url)
  const seats = localGroup(size, { timeout })
  const memory = (seats[0] as (typeof seats)[number]).memory
  const workers: Worker[] = []
  let first: { readonly error: unknown } | undefined
  let ending: NodeJS.Timeout | undefined
  const fail = (rank: number, error: unknown): void => {
    // The others fail because of the first.
    first ??= { error }
    // Who waits for none of them would never hear of it.
    ending ??= setTimeout(() => workers.forEach((worker) => void worker.terminate()), Math.min(timeout, LONGEST))
    failShared(memory, size, `rank ${rank} has failed: ${error instanceof Error ? error.message : String(error)}`)
  }
  const results = seats.map(
    (seat) =>
      new Promise<R | undefined>((resolve) => {
        const worker = new Worker(new URL('./rank.js', import.meta.url), {
          workerData: { seat, module: module.href, data }
        })
        workers.push(worker)
        let result: { readonly value: R } | undefined
        worker.on('message', (value: R) => {
          result = { value }
        })
        worker.on('error', (error) => fail(seat.rank, error))
        worker.on('exit', (code) => {
          if (result === undefined && first === undefined) {
            fail(
              seat.rank,
              new CommunicationError('lost', `local: rank ${seat.rank} ended with exit code ${code} and no result`)
            )
          }
          resolve(result?.value)
        })
      })
  )
  const all = await Promise.all(results)
  clearTimeout(ending)
  if (first !== undefined) throw (first as { readonly error: unknown }).error
  return all as R[]
}

/** The longest time that timers know: beyond it they would be there at once. */
const LONGEST = 2 ** 31 - 1

const url: Requirement = { what: 'the URL of a module', holds: (value) => value instanceof URL }
