// `npm test`: sets up what is missing, runs every stage whatever became of the one before, and ends with one line,
// `N passed, N failed`. `npm test -- style unit` runs only the stages named. What soaks is run when it is named, and in CI,
// where SOAK_UNTIL says until when (in seconds since 1970).
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { alive } from './alive.mjs'
import { build, install, root } from './setup.mjs'

/**
 * @typedef {{ readonly passed: number, readonly failed: number }} Outcome
 * @typedef {{ numPassedTests: number, numFailedTests: number, testResults: { status: string, assertionResults: { status: string }[] }[] }} Report
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
 * A Vitest project, which counts its tests; a file that could not even be loaded counts as one failure.
 * @param {string} project
 * @returns {Outcome}
 */
const vitest = (project) => {
  const report = join(root, 'node_modules/.cache/gradchain/tests', `${project}.json`)
  mkdirSync(dirname(report), { recursive: true })
  rmSync(report, { force: true })
  const succeeded = run(
    'vitest',
    'run',
    '--project',
    project,
    // All cores: there is nothing else to do. Vitest would leave one idle.
    '--maxWorkers=100%',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`
  )
  try {
    /** @type {Report} */
    const { numPassedTests: passed, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    const unloaded = testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')
    )
    const failed = numFailedTests + unloaded.length
    return { passed, failed: succeeded ? failed : Math.max(failed, 1) }
  } catch {
    return whole(false)
  }
}

/** @type {Readonly<Record<string, () => Outcome>>} */
const stages = {
  style: () => whole(run('biome', 'ci', '--colors=off', '--error-on-warnings', '.')),
  types: () => whole(run('tsc', '-p', 'tsconfig.json')),
  build: () => whole(build()),
  unit: () => vitest('unit'),
  parity: () => vitest('parity'),
  docs: () => vitest('docs'),
  packaging: () => vitest('packaging'),
  runtimes: () => vitest('runtimes'),
  browser: () => vitest('browser'),
  soak: () => vitest('soak')
}

/** How long the stage `soak` takes at most on two cores: in less than that it is not begun. */
const SOAK_SECONDS = 900
const isTimeToSoak = () => Date.now() / 1000 + SOAK_SECONDS < Number(process.env['SOAK_UNTIL'] ?? 0)

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
const unknown = names.filter((name) => !Object.hasOwn(stages, name))
if (unknown.length > 0) {
  console.error(`test: there is no stage ${unknown.join(', ')}; there are ${Object.keys(stages).join(', ')}`)
  tell('stages', whole(false), performance.now())
} else if (!install()) {
  tell('install', whole(false), performance.now())
} else {
  for (const [name, stage] of Object.entries(stages)) {
    if (names.length > 0 && !names.includes(name)) continue
    if (name === 'soak' && names.length === 0 && !isTimeToSoak()) continue
    console.log(`\n── ${name}`)
    const since = performance.now()
    tell(name, alive(name, stage), since)
  }
}

console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
