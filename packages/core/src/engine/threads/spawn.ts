/** A running worker. */
export interface Thread {
  readonly terminate: () => void
}

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

/** Starts a worker that does not keep the process alive; `onEnd` is told why it ended, should it. */
export const spawn = (start: object, onEnd: (why: string) => void): Thread => {
  const threads = nodeThreads()
  if (threads !== undefined) {
    const worker = new threads.Worker(new URL('./worker.js', import.meta.url), { workerData: start })
    worker.on('error', (error) => onEnd(String(error)))
    worker.on('exit', (code) => onEnd(`exit code ${code}`))
    worker.unref()
    return { terminate: () => void worker.terminate() }
  }
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  worker.onerror = (event) => onEnd(event.message)
  worker.postMessage(start)
  return worker
}
