/** The report, in Markdown. */
import { chainNames, chains, type SizeName, sizes, sizeTitles } from './cases.js'
import type { Contest, Outcome } from './contest.js'
import { TOLERANCE } from './expected.js'
import { machine } from './machine.js'
import type { Options } from './options.js'
import type { FirstSteps, Way } from './probes/firstStep.js'
import { LEAF, type Path } from './probes/leafCount.js'
import { MUON, type MuonSteps, type Stepper } from './probes/muon.js'
import type { Multiplier, Products } from './probes/products.js'
import { type Results, samplesOf } from './results.js'
import { type RivalName, rivalNames, rivalOf } from './rivals.js'
import { median } from './statistics.js'
import { digits, mebibytes, table } from './table.js'
import { targets } from './targets.js'

/** What the first steps cost in one way to run, at one size. */
export interface FirstStepsRow {
  readonly size: SizeName
  readonly way: Way
  readonly steps: FirstSteps
}

/** What a leaf costs, in nanoseconds for each step. */
export interface LeafRow {
  readonly count: number
  readonly costs: ReadonlyMap<Path, number>
}

/** What products of square matrices of a size cost. */
export interface ProductsRow {
  readonly size: number
  readonly products: Products
}

export interface Run {
  readonly options: Options
  readonly results: Results
  readonly firstSteps: readonly FirstStepsRow[]
  readonly leaves: readonly LeafRow[]
  readonly products: readonly ProductsRow[]
  readonly muon: MuonSteps | null
  readonly seconds: number
}

/** The whole report. */
export const report = (run: Run): string =>
  [
    '# Benchmarks',
    'Written by `pnpm bench`; not to be edited. Times are nanoseconds for each float32 parameter and step, smaller is better.',
    machineSection(run),
    targetSection(run.results),
    ...chainNames.flatMap((chain) => {
      const tables = run.results.contests.filter((one) => one.chain === chain)
      if (tables.length === 0) return []
      const { title, traffic, account } = chains[chain]
      const floor = `The memory copy moves ${traffic} bytes a parameter, as much as a step must: it ${account}.`
      return [`## ${title}`, floor, ...tables.map((one) => contestSection(one, run.results))]
    }),
    firstStepSection(run.firstSteps),
    memorySection(run.results),
    leafSection(run.leaves),
    productSection(run.products),
    muonSection(run.muon),
    notes(run)
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')

const machineSection = ({ results }: Run): string => {
  const versions = new Set(
    results.contests.flatMap(({ outcomes }) =>
      [...outcomes.values()].flatMap((outcome) => (outcome.kind === 'measured' ? [outcome.version] : []))
    )
  )
  const others = [...versions].filter((version) => !version.startsWith('Node '))
  const rows = [...machine(), ['measured', others.join('; ')], ['date', new Date().toISOString().slice(0, 10)]]
  return rows.map(([what, value]) => `- ${what}: ${value}`).join('\n')
}

const targetSection = (results: Results): string => {
  const rows = targets(results).map(({ claim, where, measured, limit, verdict }) => [
    claim,
    where,
    digits(measured),
    `≤ ${limit}`,
    verdict
  ])
  return rows.length === 0
    ? ''
    : [
        '## Targets',
        'For AdamW, unless said otherwise.',
        table(['ratio', 'size', 'measured', 'target', ''], rows)
      ].join('\n\n')
}

const HEAD = ['', 'threads', 'ns', 'min–max', '÷ copy', '÷ loop', '÷ fused', '÷ Optax', 'cores', 'MiB', 'error']

const contestSection = (one: Contest, results: Results): string => {
  const { params, leaves } = sizes[one.size]
  const rows = rivalNames.flatMap((name) => {
    const outcome = one.outcomes.get(name)
    return outcome === undefined ? [] : [rowOf(name, outcome, one, results)]
  })
  return [`### ${sizeTitles[one.size]} parameters in ${leaves} leaves of ${params / leaves}`, table(HEAD, rows)].join(
    '\n\n'
  )
}

const rowOf = (name: RivalName, outcome: Outcome, { chain, size }: Contest, results: Results): string[] => {
  const { label, threads, instead } = rivalOf(name)
  const substitute = instead?.[chain]
  const start = [substitute ? `${label} (${substitute})` : label, String(threads)]
  if (outcome.kind !== 'measured') return [...start, whyNot(outcome)]
  const samples = samplesOf(outcome)
  const suffix = threads === 1 ? '1' : '2'
  const against = ['copy', 'loopInPlace', `torchFused${suffix}`, `optax${suffix}`] as const
  return [
    ...start,
    digits(median(samples)),
    `${digits(Math.min(...samples))}–${digits(Math.max(...samples))}`,
    ...against.map((other) => digits(results.ratio(chain, size, name, other))),
    digits(median(outcome.cores), 2),
    mebibytes(outcome.rss),
    outcome.error === undefined ? '–' : outcome.error.toExponential(0)
  ]
}

const whyNot = (outcome: Exclude<Outcome, { kind: 'measured' }>): string => {
  if (outcome.kind === 'absent') return 'not installed'
  if (outcome.kind === 'wrong') return `**wrong results**: ${outcome.reason}`
  return `failed: ${outcome.message.trim().split('\n').at(-1) ?? ''}`
}

const firstStepSection = (rows: readonly FirstStepsRow[]): string => {
  if (rows.length === 0) return ''
  const head = ['AdamW', 'size', 'ready', 'first', 'second', 'later', 'kernels', 'compiling']
  const body = rows.map(({ way, size, steps }) => [
    way,
    sizeTitles[size],
    ...[steps.ready, steps.first, steps.second, steps.later].map((x) => digits(x)),
    String(steps.kernels),
    digits(steps.compiling)
  ])
  return [
    '## Time to the first step',
    'Milliseconds, each row in a process of its own that has run nothing before; its start is not counted. *Ready* is the call of `transient`, with its copies of params and gradients, or of `init`; *compiling* is the time in the constructors of WebAssembly modules and instances of the main thread, part of the steps; one *kernel* only asks whether there is SIMD.',
    table(head, body)
  ].join('\n\n')
}

const memorySection = (results: Results): string => {
  const rows = results.contests.flatMap(({ chain, size, outcomes }) => {
    const outcome = outcomes.get('transient1')
    if (outcome?.kind !== 'measured' || outcome.bytes === undefined) return []
    return [[chain, sizeTitles[size], ...Object.values(outcome.bytes).map(mebibytes), mebibytes(outcome.rss)]]
  })
  if (rows.length === 0) return ''
  return [
    '## Memory of `transient`',
    'MiB: `run.bytes`, and by how much the process grew. What is reserved for scratch takes memory only where it is used.',
    table(['chain', 'size', 'params', 'grads', 'state', 'scratch', 'scratch used', 'total', 'resident'], rows)
  ].join('\n\n')
}

const leafSection = (rows: readonly LeafRow[]): string => {
  const paths = [...(rows[0]?.costs.keys() ?? [])]
  if (paths.length === 0) return ''
  return [
    '## Cost of a leaf',
    `Nanoseconds for each leaf and step of AdamW, leaves of ${LEAF} elements, 1 thread; each number from a process of its own. Params are a list of layers, each with a kernel and a bias, or one object with all leaves.`,
    table(
      ['leaves', ...paths],
      rows.map(({ count, costs }) => [String(count), ...paths.map((path) => digits(costs.get(path) ?? NaN))])
    )
  ].join('\n\n')
}

const LABELS: Readonly<Record<Multiplier, string>> = {
  gradchain: '**gradchain `matmul`**',
  gram: '**gradchain `matmul`**, x xᵀ',
  transient1: '**gradchain `transient`**, 1 thread',
  transient2: '**gradchain `transient`**, 2 threads',
  tfjsWasm: 'TensorFlow.js, wasm',
  jaxJs: 'jax-js, jitted, wasm'
}

const productSection = (rows: readonly ProductsRow[]): string => {
  if (rows.length === 0) return ''
  const names = Object.keys(LABELS) as Multiplier[]
  const body = rows.flatMap(({ size, products: { milliseconds, toRoof, roofGflops } }) => [
    [`${size}`, 'multiplying and adding in registers', '', digits(roofGflops), '1.00', '', ''],
    ...names.map((name) => [
      `${size}`,
      LABELS[name],
      digits(milliseconds[name]),
      digits((2 * size ** 3) / milliseconds[name] / 1e6),
      digits(1 / toRoof[name]),
      digits(milliseconds[name] / milliseconds.tfjsWasm),
      digits(milliseconds[name] / milliseconds.jaxJs)
    ])
  ])
  return [
    '## Products of matrices',
    'Square float32 matrices, the rivals turn by turn in one process. The first row of a size is what vectors of 128 bits do at their best, multiplication and addition rounded each. A product by its own transpose counts as if all of it were computed.',
    table(['size', '', 'ms', 'GFLOP/s', 'of the best', '÷ TF.js', '÷ jax-js'], body)
  ].join('\n\n')
}

const STEPPERS: Readonly<Record<Stepper, readonly [label: string, threads: string]>> = {
  plain1: ['**gradchain `muon`**', '1'],
  plain2: ['**gradchain `muon`**', '2'],
  gram1: ['**gradchain `muon`**, `gram: true`', '1'],
  gram2: ['**gradchain `muon`**, `gram: true`', '2'],
  optax1: ['Optax `muon`, jitted, donated', '1']
}

const muonSection = (steps: MuonSteps | null): string => {
  if (steps === null) return ''
  const { count, rows, columns } = MUON
  const body = (Object.keys(STEPPERS) as Stepper[]).flatMap((name) => {
    const passed = steps.milliseconds[name]
    const ratio = steps.toOptax[name]
    return passed === undefined ? [] : [[...STEPPERS[name], digits(passed), ratio === undefined ? '' : digits(ratio)]]
  })
  return [
    '## A step of Muon',
    `${count} float32 matrices of ${rows} × ${columns}, in \`transient\`, turn by turn with Optax in a process of its own. XLA multiplies with vectors of 256 bits and fused multiply-add.`,
    table(['', 'threads', 'ms', '÷ Optax'], body)
  ].join('\n\n')
}

const notes = ({ options, results, seconds }: Run): string => {
  const failures = results.contests.flatMap(({ chain, size, outcomes }) =>
    [...outcomes].flatMap(([name, outcome]) =>
      outcome.kind === 'failed' ? [`${chain}, ${size}, ${name}:\n\n\`\`\`\n${outcome.message.trim()}\n\`\`\``] : []
    )
  )
  return [
    '## How this was measured',
    [
      `- ${options.rounds} rounds; in each, every rival had one turn of about ${options.turn} ms, in its own process, while the others waited. Before the first round each ran for ${options.warmUp} ms, and on until it got no faster. The whole run took ${Math.round(seconds)} s.`,
      '- *ns* is the median over the rounds of the mean of a turn, garbage collection included. A ratio is the median of the ratios round by round; *÷ fused* and *÷ Optax* are against the same number of threads.',
      `- Before anything is timed every rival makes a few steps with changing gradients; its params are compared with float64 arithmetic. *Error* is the largest difference as a share of the largest movement; more than ${TOLERANCE} is refused. Lion's sign may differ in 1 of 100 000 elements, where its argument is within rounding of 0. The rows of gradchain agree bit for bit.`,
      '- A step goes from gradients that lie where the rival wants them to new params and state. Each turn ends when its results are there: `blockUntilReady` for jax-js, an element of every variable read for TensorFlow.js, `block_until_ready` for Optax, whose steps are dispatched without waiting in between, which is its fastest way.',
      '- *Cores* is the CPU time of the process over the time that passed, the collector and compiler included. *MiB* is by how much the process grew.',
      "- Optax with 1 thread has one core to itself (`sched_setaffinity`, and `NPROC=1` for XLA's pool): `--xla_cpu_multi_thread_eigen=false` and `intra_op_parallelism_threads` change nothing, and with `NPROC` alone the dispatching thread runs beside the pool.",
      '- The hand-written loops compute in float64 and store float32, as plain JavaScript does. PyTorch and the loop in place overwrite their arrays, Optax is given its own to overwrite, jax-js, TensorFlow.js, `step` and `update` make new ones.',
      '- TensorFlow.js has Adam only, without decay, which is less work; its cpu backend is left out at 10 M, where a step takes 1.5 s. jax-js gets its bias corrections from the host, as 0-d arrays; the chains are written from its operations.'
    ].join('\n'),
    ...failures
  ].join('\n\n')
}
