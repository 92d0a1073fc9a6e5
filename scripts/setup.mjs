// What a fresh clone needs before anything can run: the locked dependencies and the built packages. Each is made once,
// and again only when what it is made from has changed; a stamp in node_modules/.cache remembers that.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alive } from './alive.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/**
 * Runs pnpm, in the version package.json names; what it says is shown only when it fails.
 * @param {readonly string[]} args
 */
export const pnpm = (...args) => {
  const command = ['--yes', packageManager.split('+')[0], ...args]
  const { status, stdout, stderr, error } = spawnSync('npx', command, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true' },
    maxBuffer: Infinity,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe']
  })
  if (status !== 0) console.error(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}\nfailed: npx ${command.join(' ')}`)
  return status === 0
}

/** The folders of the workspace that are built and have a package.json, such as `packages/core`. */
const workspaces = () =>
  ['packages', 'examples']
    .filter((group) => existsSync(join(root, group)))
    .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))

/**
 * Every file below a folder that ends up in its build.
 * @param {string} folder
 */
export const sources = (folder) =>
  existsSync(join(root, folder, 'src'))
    ? readdirSync(join(root, folder, 'src'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/\.test(-d)?\.ts$/.test(entry.name))
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
    : []

/**
 * What is in these files, as far as they exist.
 * @param {readonly string[]} files
 */
const fingerprint = (files) => {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of files.filter((name) => existsSync(join(root, name))).sort()) {
    const content = readFileSync(join(root, file))
    hash.update(`\n${file} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/**
 * Does the work unless its stamp says that it was done from these very inputs and its outputs still stand.
 * @param {string} name
 * @param {readonly string[]} inputs
 * @param {readonly string[]} outputs
 * @param {() => boolean} work
 */
export const once = (name, inputs, outputs, work) => {
  const stamp = join(root, 'node_modules/.cache/gradchain', name)
  const wanted = fingerprint(inputs)
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (done && outputs.every((file) => existsSync(join(root, file)))) return true

  rmSync(stamp, { force: true })
  console.error(`${name}…`)
  if (!alive(name, work, { outputs: outputs.map((file) => join(root, file)) })) return false
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
  return true
}

export const locks = () => [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  ...['tests', ...workspaces()].map((folder) => `${folder}/package.json`)
]

/** Installs the locked dependencies; false when that fails. */
export const install = () =>
  once('installing', locks(), ['node_modules/.bin'], () => pnpm('install', '--frozen-lockfile'))

/** Builds every package and example, those that others need first; false when that fails. */
export const build = () =>
  once(
    'building',
    [
      ...locks(),
      'tsconfig.base.json',
      'tsconfig.build.json',
      'tsup.base.ts',
      'examples/tsup.config.ts',
      ...workspaces().flatMap((folder) => [
        `${folder}/tsconfig.json`,
        `${folder}/tsconfig.dist.json`,
        `${folder}/tsup.config.ts`,
        ...sources(folder)
      ])
    ],
    workspaces().map((folder) => `${folder}/dist`),
    () => pnpm('run', 'build')
  )
