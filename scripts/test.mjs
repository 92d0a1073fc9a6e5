// `npm test`: sets up what is missing, runs every stage whatever became of the one before, and ends with one line,
// `N passed, N failed`. `npm test -- style unit` runs only the stages named. What soaks, and `thorough`, the laws on more
// cases, are run when they are named.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { alive } from './alive.mjs'
import { build, install, root } from './setup.mjs'

/**
 * @typedef {{ passed: number, failed: number }} Outcome
 * @typedef {{ testResults: { name: string, status: string, assertionResults: { status: string }[] }[] }} Report
 */

const env = { ...process.env, CI: 'true', ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) }

/**
 * Runs a tool of the workspace.
 * @param {string} tool
 * @param {readonly string[]} args
 */
const run = (tool, ...args) =>
  spawnSync(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    env,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'inherit', 'inherit']
  }).status === 0

/**
 * A stage that counts as one test.
 * @param {boolean} succeeded
 * @returns {Outcome}
 */
const whole = (succeeded) => ({ passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 })

/**
 * Runs Vitest projects in one go, so that no core waits for the longest file of each; the outcome of each by its name. A file
 * that could not even be loaded counts as one failure.
 * @param {readonly string[]} projects
 * @returns {Readonly<Record<string, Outcome>>}
 */
const vitest = (projects) => {
  const report = join(root, 'node_modules/.cache/gradchain/tests', `${projects[0]}.json`)
  mkdirSync(dirname(report), { recursive: true })
  rmSync(report, { force: true })
  const succeeded = run(
    'vitest',
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    // All cores: there is nothing else to do. Vitest would leave one idle.
    '--maxWorkers=100%',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`
  )
  const [first = ''] = projects
  /** @type {Record<string, Outcome>} */
  const outcomes = Object.fromEntries(projects.map((project) => [project, { passed: 0, failed: 0 }]))
  try {
    /** @type {Report} */
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
    for (const { name, status, assertionResults } of testResults) {
      const folder = /[\\/](?:tests|packages)[\\/](\w+)[\\/]/.exec(name.slice(root.length - 1))?.[1] ?? first
      const outcome = outcomes[folder] ?? outcomes[first] ?? whole(false)
      const count = (/** @type {string} */ wanted) =>
        assertionResults.filter((assertion) => assertion.status === wanted).length
      outcome.passed += count('passed')
      outcome.failed += status === 'failed' ? Math.max(count('failed'), 1) : 0
    }
  } catch {
    return { ...outcomes, [first]: whole(false) }
  }
  const isSilent = !succeeded && Object.values(outcomes).every(({ failed }) => failed === 0)
  return isSilent ? { ...outcomes, [first]: whole(false) } : outcomes
}

/** What runs in one go: the names of its stages, and how those of them that are asked for are run. */
const groups = [
  { names: ['style'], run: () => ({ style: whole(run('biome', 'ci', '--colors=off', '--error-on-warnings', '.')) }) },
  { names: ['build'], run: () => ({ build: whole(build()) }) },
  { names: ['types'], run: async () => ({ types: whole(await typesChecked()) }) },
  { names: ['unit', 'webgpu', 'mpi', 'parity', 'docs'], run: vitest },
  { names: ['packaging', 'runtimes', 'browser', 'site'], run: vitest },
  { names: ['soak'], run: vitest },
  { names: ['thorough'], run: vitest }
]

/**
 * Begins to run a tool of the workspace on a core of its own; what it says is told when its end is waited for.
 * @param {string} tool
 * @param {readonly string[]} args
 * @returns {() => Promise<boolean>}
 */
const begin = (tool, ...args) => {
  const said = join(root, 'node_modules/.cache/gradchain', `${tool}.txt`)
  mkdirSync(dirname(said), { recursive: true })
  const file = openSync(said, 'w')
  const child = spawn(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    env,
    shell: process.platform === 'win32',
    stdio: ['ignore', file, file]
  })
  closeSync(file)
  const ended = new Promise((resolve) => child.on('close', resolve).on('error', resolve))
  return async () => {
    const status = await ended
    process.stdout.write(readFileSync(said))
    return status === 0
  }
}

/** Waits for the types, which are checked from the beginning on: the build uses the other core. */
let typesChecked = () => Promise.resolve(false)

/** The stages that are run only when they are named. */
const LONG = ['soak', 'thorough']

const total = { passed: 0, failed: 0 }
/**
 * Adds an outcome to the total and says how it went.
 * @param {string} name
 * @param {Outcome} outcome
 * @param {number} since
 */
const tell = (name, { passed, failed }, since) => {
  total.passed += passed
  total.failed += failed
  const seconds = ((performance.now() - since) / 1000).toFixed(1)
  console.log(`── ${name}: ${failed === 0 ? 'ok' : 'FAILED'}, ${passed} passed, ${failed} failed, ${seconds} s`)
}

const names = process.argv.slice(2)
const stages = groups.flatMap((group) => group.names)
const unknown = names.filter((name) => !stages.includes(name))
if (unknown.length > 0) {
  console.error(`test: there is no stage ${unknown.join(', ')}; there are ${stages.join(', ')}`)
  tell('stages', whole(false), performance.now())
} else if (!install()) {
  tell('install', whole(false), performance.now())
} else {
  const isAsked = (/** @type {string} */ name) => (names.length === 0 ? !LONG.includes(name) : names.includes(name))
  if (isAsked('types')) typesChecked = begin('tsc', '-p', 'tsconfig.json')
  for (const { names: own, run: runStages } of groups) {
    const asked = own.filter(isAsked)
    if (asked.length === 0) continue
    console.log(`\n── ${asked.join(', ')}`)
    const since = performance.now()
    const outcomes = await alive(asked.join(', '), () => runStages(asked))
    for (const [name, outcome] of Object.entries(outcomes)) tell(name, outcome, since)
  }
}

console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
