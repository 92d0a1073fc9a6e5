// What a thread of `local` runs: the module's default export, with the communicator of its seat.
import { parentPort, workerData } from 'node:worker_threads'
import type { Communicator } from '../../communicators/communicator.js'
import { joinLocal } from '../../communicators/joinLocal.js'
import type { LocalSeat } from '../../communicators/localGroup.js'

const { seat, module, data } = workerData as {
  readonly seat: LocalSeat
  readonly module: string
  readonly data: unknown
}
const { default: run } = (await import(module)) as { readonly default?: unknown }
if (typeof run !== 'function') throw new TypeError(`local: ${module} must export a function by default`)
const comm = joinLocal(seat)
const result: unknown = await (run as (comm: Communicator, data: unknown) => unknown)(comm, data)
comm.close()
parentPort?.postMessage(result)
