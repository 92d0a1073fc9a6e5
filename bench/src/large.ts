/**
 * A model of many parameters, stepped in place by AdamW: that it runs, with which bits, and what it takes.
 * `node dist/large.js [parameters] [leaves] [threads]`, by default 10⁸ in 100 leaves on one thread, some 2 GiB of memory.
 */
import { step, transient } from 'gradchain'
import { chains } from './cases.js'
import { machine } from './machine.js'
import { optimizerOf } from './rivals/ours.js'
import { median } from './statistics.js'

const STEPS = 5
/** How many elements of the first and of the last leaf are computed again by `step`. */
const SAMPLE = 1000

const [parameters = 1e8, leaves = 100, threads = 1] = process.argv.slice(2).map(Number)
const each = Math.floor(parameters / leaves)
const sizeOf = (leaf: number): number => (leaf === leaves - 1 ? parameters - each * (leaves - 1) : each)
const numbers = (leaf: number, from: number, to: number): Float32Array =>
  Float32Array.from(
    { length: to - from },
    (_, i) => (((from + i) * 2_654_435_761 + leaf * 40_503) % 65_537) / 65_537 - 0.5
  )

const optimizer = optimizerOf('adamw', chains.adamw.hyper)

const since = performance.now()
const run = transient(
  optimizer,
  Array.from({ length: leaves }, (_, leaf) => numbers(leaf, 0, sizeOf(leaf))),
  { threads }
)
run.grads.forEach((grads, leaf) => {
  grads.set(numbers(leaf + 1, 0, sizeOf(leaf)))
})
// Threads start by themselves, as soon as they are let.
await new Promise((resolve) => setTimeout(resolve, 500))
const ready = performance.now() - since

const times = Array.from({ length: STEPS }, () => {
  const begin = performance.now()
  run.step()
  return performance.now() - begin
})

// An element of AdamW knows nothing of the others: `step` on some of them must give the same bits.
const sampled = [0, leaves - 1].map((leaf) => {
  const [from, to] = [Math.max(0, sizeOf(leaf) - SAMPLE), sizeOf(leaf)]
  let params = [numbers(leaf, from, to)]
  let state = optimizer.init(params)
  for (let i = 0; i < STEPS; i++) [params, state] = step(optimizer, [numbers(leaf + 1, from, to)], state, params)
  const [expected] = params as [Float32Array]
  const actual = (run.params[leaf] as Float32Array).subarray(from, to)
  return expected.every((x, i) => Object.is(x, actual[i]))
})

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`
const report: readonly (readonly [string, string])[] = [
  ...machine(),
  ['parameters', `${parameters} in ${leaves} leaves, ${run.threads} thread(s)`],
  ...Object.entries(run.bytes).map(([what, bytes]) => [what, mebibytes(bytes)] as const),
  ['resident', mebibytes(process.memoryUsage().rss)],
  ['made', `${ready.toFixed(0)} ms`],
  ['steps', `${times.map((time) => time.toFixed(0)).join(', ')} ms`],
  ['for each parameter', `${((median(times) * 1e6) / parameters).toFixed(2)} ns`],
  ['same bits as step', sampled.every(Boolean) ? 'yes' : 'NO']
]
for (const [what, value] of report) console.log(`${what.padEnd(20)} ${value}`)
run.dispose()
if (!sampled.every(Boolean)) process.exitCode = 1
