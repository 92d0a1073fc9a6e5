// What a thread of a transient runs, in Node and in browsers: it sleeps until there is work, does its share, and sleeps
// again. Everything goes through shared memory, since the main thread does not return to its event loop between two steps.
// Plain JavaScript, because workers load it as it is; where things lie in the shared memory, it is told.

/**
 * @typedef {object} Layout Places in the control block, in 32-bit words.
 * @property {number} round A number that changes when there is work.
 * @property {number} ready How many workers have started.
 * @property {number} done How many workers have finished the round.
 * @property {number} stop Not 0 when the workers are to end.
 * @property {number} failed Not 0 when a worker failed.
 * @property {number} jobs Where the jobs begin.
 * @property {number} mostJobs How many jobs a worker can be given in one round.
 */

/**
 * @typedef {object} Start
 * @property {WebAssembly.Memory} memory What kernels work on.
 * @property {SharedArrayBuffer} control The control block.
 * @property {SharedArrayBuffer} mail The bytes of a kernel that is new.
 * @property {Layout} layout
 * @property {number} index Which worker this is.
 * @property {readonly number[]} functions The numbers of the functions that kernels import, for those in `known`.
 * @property {readonly string[]} names Their names in `Math`.
 */

/** @param {Start} start */
const work = ({ memory, control, mail, layout, index, functions, names }) => {
  const words = new Int32Array(control)
  /** @type {Map<number, (table: number, from: number, to: number) => void>} */
  const kernels = new Map()
  /** @type {Record<string, Function>} */
  const imported = {}
  functions.forEach((number, i) => {
    const name = names[i]
    imported[`f${number}`] = name === 'power' ? (/** @type {number} */ a, /** @type {number} */ b) => a ** b : Reflect.get(Math, name ?? '') ?? missing
  })

  const first = layout.jobs + index * (1 + 4 * layout.mostJobs)
  const runJobs = () => {
    const count = words[first] ?? 0
    for (let i = 0; i < count; i++) {
      const at = first + 1 + 4 * i
      const kernel = /** @type {number} */ (words[at])
      const table = /** @type {number} */ (words[at + 1])
      const from = /** @type {number} */ (words[at + 2])
      const to = /** @type {number} */ (words[at + 3])
      // A job without a table brings a kernel: `to` bytes of it.
      if (table === 0) kernels.set(kernel, load(from, to))
      else kernels.get(kernel)?.(table, from >>> 0, to >>> 0)
    }
  }

  /** @param {number} from @param {number} length */
  const load = (from, length) => {
    const bytes = new Uint8Array(mail, from, length).slice()
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { memory }, f: /** @type {any} */ (imported) })
    return /** @type {(table: number, from: number, to: number) => void} */ (instance.exports['run'])
  }

  let round = 0
  Atomics.add(words, layout.ready, 1)
  for (;;) {
    Atomics.wait(words, layout.round, round)
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
  throw new Error('this function runs on the main thread alone')
}

if (typeof process === 'object' && process.versions?.node !== undefined) {
  const { workerData } = process.getBuiltinModule('node:worker_threads')
  work(workerData)
} else {
  globalThis.onmessage = ({ data }) => work(data)
}
