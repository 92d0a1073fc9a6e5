// For the projects that see the packages from outside: packs them once and installs them into an empty folder, whose place
// tests ask for with `inject('packed')`.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { build, pnpm } from '../../scripts/setup.mjs'

/** The packages as a user gets them. */
export interface Packed {
  /** The folder of a user who has installed them all. */
  readonly home: string
  /** The tarball of each package, by its name. */
  readonly tarballs: Readonly<Record<string, string>>
}

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed
  }
}

/** The names of the packages. */
export const names: readonly string[] = [
  'core',
  'schedules',
  'transforms',
  'optimizers',
  'matrix',
  'losses',
  'curvature',
  'search',
  'tfjs',
  'webgpu',
  'jax-js',
  'checkpoint',
  'distributed',
  'monitor',
  'frameworks',
  'laws'
]
  .map((name) => `@gradchain/${name}`)
  .concat('gradchain')

export default (project: TestProject): (() => void) => {
  const home = mkdtempSync(join(tmpdir(), 'gradchain-packed-'))
  const clear = () => rmSync(home, { recursive: true, force: true })
  try {
    project.provide('packed', { home, tarballs: installed(home) })
  } catch (error) {
    clear()
    throw error
  }
  return clear
}

const installed = (home: string): Packed['tarballs'] => {
  if (!build() || !pnpm('--recursive', '--filter', './packages/*', 'pack', '--pack-destination', home)) {
    throw new Error('the packages do not build and pack')
  }
  const files = readdirSync(home).filter((file) => file.endsWith('.tgz'))
  const tarballs = Object.fromEntries(
    names.map((name) => {
      const prefix = name.replace('@', '').replace('/', '-')
      const file = files.find((one) => one.slice(0, one.search(/-\d/)) === prefix)
      if (file === undefined) throw new Error(`${name} has no tarball`)
      return [name, join(home, file)]
    })
  )
  const ours = Object.fromEntries(Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`]))
  const manifest = { private: true, type: 'module', dependencies: ours, overrides: ours }
  writeFileSync(join(home, 'package.json'), JSON.stringify(manifest, null, 2))
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: home,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'pipe']
  })
  return tarballs
}
