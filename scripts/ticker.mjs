// The thread behind `alive.mjs`: it writes by itself, as the thread that started it is blocked.
import { statSync, writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

const PERIOD_MS = 8000
const STDERR = 2

const { name, outputs } = workerData
const since = Date.now()

/** Whether a file or a folder was written since. @param {string} output */
const isDone = (output) => (statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since

setInterval(() => {
  const done = outputs.length < 2 ? '' : `, ${outputs.filter(isDone).length} of ${outputs.length} done`
  try {
    writeSync(STDERR, `… ${name}, ${Math.round((Date.now() - since) / 1000)} s${done}\n`)
  } catch {
    // A pipe that is full or closed: the next time, or never.
  }
}, PERIOD_MS)
