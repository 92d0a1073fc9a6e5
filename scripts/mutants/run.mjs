// `pnpm mutants packages/core/src/tree/walk.ts …`: plants faults in files, one at a time, and says which no test notices.
// Options: `--sample 20` for so many of each file, evenly spread; `--tests packages/laws` for more tests to ask.
// The files are as they were afterwards. Outside CI: it takes some seconds a fault.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createVitest } from 'vitest/node'
import { root } from '../setup.mjs'
import { equivalent } from './equivalent.mjs'
import { mutantsOf, planted } from './plant.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string' }, tests: { type: 'string', multiple: true, default: [] } }
})
const TIMEOUT_MS = 240_000

/**
 * The tests to ask about a file, a step at a time: those beside it, or else those of its folder; then those that were named.
 * @param {string} file
 */
const suites = (file) => {
  const folder = dirname(file)
  const stem = basename(file, '.ts')
  const beside = readdirSync(join(root, folder)).filter(
    (name) => name.startsWith(`${stem}.`) && /\.test\.ts$/.test(name)
  )
  const own = beside.length > 0 ? beside.map((name) => `${folder}/${name}`) : [`${folder}/`]
  return [own, ...values.tests.map((path) => [path])]
}

/** One Vitest that stays, with all it has compiled; every run loads its modules anew, as one of them has changed. */
const start = () =>
  createVitest('test', {
    root,
    project: ['unit'],
    watch: false,
    bail: 1,
    reporters: [{}],
    maxWorkers: 1,
    isolate: true
  })
let vitest = await start()

/**
 * Whether some tests fail, or never end.
 * @param {readonly string[]} paths
 */
const fail = async (paths) => {
  const tests = await vitest.globTestSpecifications([...paths])
  const stop = new AbortController()
  const late = setTimeout(TIMEOUT_MS, 'late', { signal: stop.signal }).catch(() => 'over')
  const outcome = await Promise.race([vitest.runTestSpecifications(tests), late])
  stop.abort()
  if (typeof outcome !== 'string') {
    // What comes back are all modules that ever ran, and those of another step may have failed for an earlier fault.
    const asked = new Set(tests.map(({ moduleId }) => moduleId))
    const own = outcome.testModules.filter(({ moduleId }) => asked.has(moduleId))
    return outcome.unhandledErrors.length > 0 || own.some((module) => !module.ok())
  }
  await vitest.close()
  vitest = await start()
  return true
}

/**
 * Whether some tests of several steps fail.
 * @param {readonly (readonly string[])[]} steps
 */
const anyFail = async (steps) => {
  for (const paths of steps) if (await fail(paths)) return true
  return false
}

/** @param {string} file */
const run = async (file) => {
  const path = join(root, file)
  const text = readFileSync(path, 'utf8')
  const known = equivalent.filter((one) => one.file === file)
  const all = mutantsOf(text).filter(
    ({ line, after }) => !known.some((one) => one.after === after && text.split('\n')[line - 1]?.includes(one.line))
  )
  const sample = values.sample === undefined ? all.length : Math.min(Number(values.sample), all.length)
  const chosen = Array.from({ length: sample }, (_, i) => all[Math.floor((i * all.length) / sample)]).filter(
    (mutant) => mutant !== undefined
  )
  /** @param {string} content */
  const write = (content) => {
    writeFileSync(path, content)
    vitest.invalidateFile(path)
  }
  const restore = () => write(text)
  const stop = () => {
    restore()
    process.exit(130)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  let survivors = 0
  try {
    for (const mutant of chosen) {
      write(planted(text, mutant))
      if (await anyFail(suites(file))) continue
      survivors += 1
      console.log(`${file}:${mutant.line}: ${mutant.before} → ${mutant.after} was not noticed`)
    }
  } finally {
    restore()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
  console.log(
    `${file}: ${chosen.length - survivors} of ${chosen.length} noticed; ${known.length} known to be equivalent`
  )
  return { planted: chosen.length, survivors }
}

const missing = positionals.filter((file) => !existsSync(join(root, file)))
if (positionals.length === 0 || missing.length > 0) {
  console.error(
    `mutants: name the source files to plant faults in${missing.length > 0 ? `; there is no ${missing.join(', ')}` : ''}`
  )
  process.exit(2)
}
if (await anyFail(positionals.flatMap(suites))) {
  console.error('mutants: the tests must pass before anything is planted')
  process.exit(2)
}
const results = []
for (const file of positionals) results.push(await run(file))
await vitest.close()
const [sum, survivors] = [
  results.reduce((n, one) => n + one.planted, 0),
  results.reduce((n, one) => n + one.survivors, 0)
]
console.log(`${sum - survivors} of ${sum} noticed, ${((100 * (sum - survivors)) / Math.max(sum, 1)).toFixed(1)} %`)
process.exitCode = survivors === 0 ? 0 : 1
