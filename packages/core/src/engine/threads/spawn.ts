/** A running worker. */
export interface Thread {
  readonly terminate: () => void
}

/** Starts a worker with what it is to know; `onEnd` is told why it ended, should it. */
export type Spawn = (start: object, onEnd: (why: string) => void) => Thread

type NodeThreads = typeof import('node:worker_threads')

/** Node's threads, where this is Node; looked up so that a bundle for browsers has nothing to resolve. */
const nodeThreads = (): NodeThreads | undefined =>
  typeof process === 'object' && typeof process.getBuiltinModule === 'function'
    ? process.getBuiltinModule('node:worker_threads')
    : undefined

/** Whether threads can share memory here; pages must be cross-origin isolated for it. */
export const canShare = (): boolean => {
  if (typeof SharedArrayBuffer === 'undefined') return false
  if (nodeThreads() !== undefined) return true
  return typeof Worker === 'function' && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true
}

/** Whether this thread may sleep: the main thread of a page must not. */
export const maySleep = (): boolean => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0)
    return true
  } catch {
    return false
  }
}

const workerFile = (): URL => new URL('./worker.js', import.meta.url)

/** A page's worker. A file from another site, such as a CDN, may not be one, but one of this site may import it. */
const pageWorker = (): Worker => {
  try {
    // In one expression, by which bundlers know a worker.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  } catch {
    const code = `import ${JSON.stringify(workerFile().href)}`
    return new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' })
  }
}

/** {@link Spawn}; the worker does not keep the process alive. */
export const spawn: Spawn = (start, onEnd) => {
  const threads = nodeThreads()
  if (threads !== undefined) {
    // Options of the process, such as loaders, are none of its business.
    const worker = new threads.Worker(workerFile(), { workerData: start, execArgv: [] })
    worker.on('error', (error) => onEnd(String(error)))
    worker.on('exit', (code) => onEnd(`exit code ${code}`))
    worker.unref()
    return { terminate: () => void worker.terminate() }
  }
  const worker = pageWorker()
  worker.onerror = (event) => onEnd(event.message || 'its file cannot be loaded')
  worker.postMessage(start)
  return worker
}
