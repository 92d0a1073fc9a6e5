// A sign of life while something runs that blocks this thread and may be silent for a while.
import { Worker } from 'node:worker_threads'

/**
 * Does some work that blocks this thread or is waited for, and says every few seconds that it still does: `… building, 16 s, 3 of 8 done`.
 * @template T
 * @param {string} name
 * @param {() => T} work
 * @param {{ readonly outputs?: readonly string[] }} [options] what the work writes, file by file
 * @returns {T}
 */
export const alive = (name, work, { outputs = [] } = {}) => {
  const ticker = new Worker(new URL('./ticker.mjs', import.meta.url), { workerData: { name, outputs } })
  ticker.unref()
  let isPending = false
  try {
    const result = work()
    if (!(result instanceof Promise)) return result
    isPending = true
    return /** @type {T} */ (result.finally(() => ticker.terminate()))
  } finally {
    if (!isPending) ticker.terminate()
  }
}
