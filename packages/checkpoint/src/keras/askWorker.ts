import type { Asked, Said } from './found.js'

/** A worker that is asked one thing after the other, and can be ended at any time. */
export interface Line {
  readonly post: (asked: Asked) => void
  readonly terminate: () => void
}

/** Starts a worker, which says that it is ready, then what it is asked; `onEnd` is told why it ended, should it. */
export type Open = (onSaid: (said: Said) => void, onEnd: (why: string) => void) => Line

type NodeThreads = typeof import('node:worker_threads')

/** Node's threads, where this is Node; looked up so that a bundle for browsers has nothing to resolve. */
const nodeThreads = (): NodeThreads | undefined =>
  typeof process === 'object' && typeof process.getBuiltinModule === 'function'
    ? process.getBuiltinModule('node:worker_threads')
    : undefined

/** A worker of the platform, which reads HDF5. */
export const openWorker: Open = (onSaid, onEnd) => {
  const threads = nodeThreads()
  if (threads !== undefined) {
    // Options of the process, such as loaders, are none of its business.
    const worker = new threads.Worker(new URL('./kerasWorker.js', import.meta.url), { execArgv: [] })
    worker.on('message', onSaid)
    worker.on('error', (error) => onEnd(String(error)))
    worker.on('exit', (code) => onEnd(`exit code ${code}`))
    return { post: (asked) => worker.postMessage(asked), terminate: () => void worker.terminate() }
  }
  // In one expression, by which bundlers know a worker.
  const worker = new Worker(new URL('./kerasWorker.js', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<Said>) => onSaid(data)
  worker.onerror = ({ message }) => onEnd(message || 'its file cannot be loaded')
  return { post: (asked) => worker.postMessage(asked), terminate: () => worker.terminate() }
}

/** A worker whose answers are promises. */
interface Connection {
  readonly ready: Promise<void>
  readonly ask: (asked: Asked) => Promise<Said>
  readonly terminate: () => void
}

const absent = (why: string): Error =>
  new Error(`decodeKerasWeights: the worker that reads HDF5 by h5wasm must be there, got ${why}`)

const connected = (open: Open): Connection => {
  let settle: (said: Said) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const next = (): Promise<Said> =>
    new Promise((resolve, reject) => {
      settle = resolve
      fail = reject
    })
  const first = next()
  const line = open(
    (said) => settle(said),
    (why) => fail(absent(why))
  )
  return {
    ready: first.then((said) => {
      if (said.kind === 'absent') throw absent(said.why)
    }),
    ask: (asked) => {
      const answer = next()
      line.post(asked)
      return answer
    },
    terminate: line.terminate
  }
}

const LATE = { kind: 'late' } as const
/** No timer waits for longer. */
const LONGEST = 2 ** 31 - 1

const inTime = async <T>(answer: Promise<T>, milliseconds: number): Promise<T | typeof LATE> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    // If it was this thread that was busy, what came meanwhile is heard before the second timer is.
    const isOver = (): void => {
      timer = setTimeout(() => resolve(LATE))
    }
    timer = setTimeout(isOver, Math.min(milliseconds, LONGEST))
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks a worker; the answer is `late` after so many milliseconds from when it was ready. */
export type Ask = (asked: Asked, milliseconds: number) => Promise<Said | typeof LATE>

/** Asks workers, one thing at a time: one worker for as long as there are questions, and a new one after each that gave no answer. */
export const workersFrom = (open: Open): Ask => {
  let worker: Connection | undefined
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const end = (): void => {
    worker?.terminate()
    worker = undefined
  }

  const answerTo = async (asked: Asked, milliseconds: number): Promise<Said | typeof LATE> => {
    worker ??= connected(open)
    try {
      await worker.ready
      const said = await inTime(worker.ask(asked), milliseconds)
      if (said.kind === 'late' || (said.kind === 'failed' && said.isBroken)) end()
      return said
    } catch (error) {
      end()
      throw error
    }
  }

  return async (asked, milliseconds) => {
    waiting += 1
    const answer = last.then(() => answerTo(asked, milliseconds))
    // What becomes of one is none of the next one's business.
    last = answer.catch(() => {})
    try {
      return await answer
    } finally {
      waiting -= 1
      if (waiting === 0) end()
    }
  }
}
