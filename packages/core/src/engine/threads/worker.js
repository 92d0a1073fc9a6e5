// What a thread of a transient runs, in Node and in browsers: it sleeps until there is work, does its share, looks out for
// more for as long as it takes to wake up, and sleeps again. Everything goes through shared memory, since the main thread does not return to its event loop between two steps.
// Plain JavaScript, because workers load it as it is; where things lie in the shared memory, it is told.
import { erf } from '../../expression/erf.js'

/**
 * @typedef {object} Layout Places in the control block, in 32-bit words.
 * @property {number} round A number that changes when there is work.
 * @property {number} ready How many workers have started.
 * @property {number} done How many workers have finished the round.
 * @property {number} stop Not 0 when the workers are to end.
 * @property {number} failed Not 0 when a worker failed.
 * @property {number} progress A number that changes when a worker gets on.
 * @property {number} jobs Where the jobs begin: for each worker how many there are, then the jobs.
 * @property {number} mostJobs How many jobs a worker can be given in one round.
 * @property {number} chunk How many elements are computed at a time.
 * @property {number} eagerness For how many milliseconds a worker looks out for more before it sleeps.
 */

/**
 * @typedef {object} Start
 * @property {WebAssembly.Memory} memory What kernels work on.
 * @property {SharedArrayBuffer} control The control block.
 * @property {SharedArrayBuffer} mail The bytes of kernels that are new.
 * @property {Layout} layout
 * @property {number} index Which worker this is.
 * @property {readonly number[]} functions The numbers of the functions that kernels import, for those in `names`.
 * @property {readonly string[]} names Their names here.
 */

/** @type {Record<string, Function>} */
const FUNCTIONS = {
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sin: Math.sin,
  cos: Math.cos,
  erf,
  pow: (/** @type {number} */ a, /** @type {number} */ b) => a ** b,
  atan2: Math.atan2
}

/** @param {Start} start */
const work = ({ memory, control, mail, layout, index, functions, names }) => {
  const words = new Int32Array(control)
  /** @type {Map<number, (table: number, from: number, to: number) => void>} */
  const kernels = new Map()
  const imports = Object.fromEntries(functions.map((number, i) => [number, FUNCTIONS[names[i] ?? ''] ?? missing]))
  const first = layout.jobs + index * (1 + 4 * layout.mostJobs)

  const runJobs = () => {
    const count = words[first] ?? 0
    for (let i = 0; i < count; i++) {
      const at = first + 1 + 4 * i
      const number = /** @type {number} */ (words[at])
      const table = /** @type {number} */ (words[at + 1])
      const from = /** @type {number} */ (words[at + 2])
      const to = /** @type {number} */ (words[at + 3])
      // A job without a table brings a kernel: `to` bytes of the mail.
      if (table === 0) kernels.set(number, load(from, to))
      else runJob(number, table, from >>> 0, to >>> 0)
      Atomics.add(words, layout.progress, 1)
    }
  }

  /** @param {number} number @param {number} table @param {number} from @param {number} to */
  const runJob = (number, table, from, to) => {
    const kernel = kernels.get(number) ?? missing
    for (let at = from; at < to; at += layout.chunk) {
      kernel(table, at, Math.min(at + layout.chunk, to))
      Atomics.add(words, layout.progress, 1)
    }
  }

  /** @param {number} from @param {number} length */
  const load = (from, length) => {
    // Compiling wants bytes that are not shared.
    const bytes = new Uint8Array(mail, from, length).slice()
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      e: { memory, thread: index + 1 },
      f: /** @type {any} */ (imports)
    })
    return /** @type {(table: number, from: number, to: number) => void} */ (instance.exports['run'])
  }

  let round = 0
  const hasWork = () => Atomics.load(words, layout.round) !== round
  Atomics.add(words, layout.ready, 1)
  for (;;) {
    const begin = performance.now()
    while (!hasWork() && performance.now() - begin < layout.eagerness) {}
    // Whoever has done the work already may be woken for it once more, as the main thread is held up before it wakes.
    while (!hasWork()) Atomics.wait(words, layout.round, round)
    round = Atomics.load(words, layout.round)
    if (Atomics.load(words, layout.stop) !== 0) return
    try {
      runJobs()
    } catch {
      Atomics.store(words, layout.failed, 1)
    }
    Atomics.add(words, layout.done, 1)
    Atomics.notify(words, layout.done)
  }
}

const missing = () => {
  throw new Error('there is no such function or kernel on this thread')
}

if (typeof process === 'object' && process.versions?.node !== undefined) {
  const { workerData } = process.getBuiltinModule('node:worker_threads')
  work(workerData)
} else {
  globalThis.onmessage = ({ data }) => work(data)
}
