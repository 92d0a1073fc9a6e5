/** `pnpm bench`: runs what the command line asks for and writes the report. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type SizeName, sizeNames } from './cases.js'
import { type Commands, type Contest, contest } from './contest.js'
import { type Options, parse } from './options.js'
import type { Probe } from './probe.js'
import { type FirstSteps, type Way, ways } from './probes/firstStep.js'
import { type Path, paths } from './probes/leafCount.js'
import type { MuonSteps } from './probes/muon.js'
import type { Products } from './probes/products.js'
import { type FirstStepsRow, type LeafRow, type ProductsRow, report } from './report.js'
import { resultsOf } from './results.js'
import { rivalOf } from './rivals.js'

const beside = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const commands: Commands = ({ runtime }) =>
  runtime === 'node'
    ? { program: process.execPath, args: ['--expose-gc', beside('worker.js')] }
    : { program: process.env['GRADCHAIN_PYTHON'] ?? 'python3', args: ['-u', beside('../python/rivals.py')] }

const since = performance.now()
const seconds = (): number => (performance.now() - since) / 1000
const tell = (what: string): void => {
  process.stderr.write(`${seconds().toFixed(0).padStart(4)} s  ${what}\n`)
}

const probe = async <T>(what: Probe): Promise<T> => {
  const { stdout } = await promisify(execFile)(process.execPath, [beside('probe.js'), JSON.stringify(what)])
  return JSON.parse(stdout) as T
}

const namesOf = <K extends string>(record: Readonly<Record<K, unknown>>): K[] => Object.keys(record) as K[]

const measureFirstSteps = async (sizes: readonly SizeName[]): Promise<FirstStepsRow[]> => {
  const rows: FirstStepsRow[] = []
  for (const size of sizes) {
    for (const way of namesOf<Way>(ways)) {
      rows.push({ size, way, steps: await probe<FirstSteps>({ do: 'firstSteps', size, way }) })
    }
  }
  return rows
}

const measureLeaves = async (counts: readonly number[]): Promise<LeafRow[]> => {
  const rows: LeafRow[] = []
  for (const count of counts) {
    const costs = new Map<Path, number>()
    for (const path of namesOf<Path>(paths)) costs.set(path, await probe<number>({ do: 'costOfLeaf', count, path }))
    rows.push({ count, costs })
  }
  return rows
}

/** Rows and columns of the matrices that are multiplied. */
const MATRICES = [512, 1024]

const measureProducts = async (): Promise<ProductsRow[]> => {
  const rows: ProductsRow[] = []
  for (const size of MATRICES) rows.push({ size, products: await probe<Products>({ do: 'products', size }) })
  return rows
}

const run = async (options: Options): Promise<void> => {
  const contests: Contest[] = []
  for (const size of sizeNames.filter((name) => options.sizes.includes(name))) {
    for (const chain of options.chains) {
      tell(`${chain}, ${size}`)
      contests.push(await contest(chain, size, options.rivals, options, commands))
    }
  }
  if (options.probes) tell('first steps')
  const firstSteps = options.probes ? await measureFirstSteps(options.sizes) : []
  if (options.probes) tell('cost of a leaf')
  const leaves = options.probes ? await measureLeaves(options.leafCounts) : []
  if (options.probes) tell('products of matrices')
  const products = options.probes ? await measureProducts() : []

  if (options.probes) tell('steps of Muon')
  const muon = options.probes ? await probe<MuonSteps>({ do: 'muonSteps' }) : null

  const results = resultsOf(contests)
  const text = report({ options, results, firstSteps, leaves, products, muon, seconds: seconds() })
  process.stdout.write(text)
  if (options.output !== undefined) {
    writeFileSync(options.output, text)
    tell(`written to ${relative(process.cwd(), options.output)}`)
  }

  // Slow is no failure; different is, and so is gradchain not running.
  const isAmiss = contests.some(({ outcomes }) =>
    [...outcomes].some(([name, { kind }]) => kind === 'wrong' || (kind === 'failed' && rivalOf(name).isOurs === true))
  )
  if (isAmiss) process.exitCode = 1
}

const asked = parse(process.argv.slice(2), beside('../RESULTS.md'))
if (asked.kind === 'run') await run(asked.options)
else if (asked.kind === 'help') process.stdout.write(asked.text)
else {
  process.stderr.write(`bench: ${asked.sentence} (--help lists the options)\n`)
  process.exitCode = 2
}
