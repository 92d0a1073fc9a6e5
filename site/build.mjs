// `npm run site:build` makes static files in site/.vitepress/dist; `npm run site` makes them and serves them.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, locks, once, root, sources } from '../scripts/setup.mjs'
import { filesIn } from './files.mjs'
import { writePages } from './pages.mjs'
import { setReference } from './reference.mjs'

const site = join(root, 'site')

/**
 * Runs the program of a package that the site depends on. Its strings are many and short-lived: more room between two
 * collections of garbage takes a seventh of the time away.
 * @param {string} file
 * @param {readonly string[]} args
 */
const run = (file, ...args) => {
  const program = fileURLToPath(new URL(`./node_modules/${file}`, import.meta.url))
  const node = [process.execPath, '--max-semi-space-size=64', program, ...args]
  return spawnSync(node[0] ?? '', node.slice(1), { cwd: site, stdio: 'inherit' }).status === 0
}

/** What the site is made from. */
const inputs = () => [
  ...locks(),
  'README.md',
  'CONTRIBUTING.md',
  'tsconfig.base.json',
  'site/package.json',
  'site/tsconfig.json',
  'site/typedoc.json',
  ...['docs', 'bench', 'examples', 'findings', 'packages'].flatMap((folder) => filesIn(folder, /\.md$/)),
  ...readdirSync(join(root, 'packages')).flatMap((name) => sources(`packages/${name}`)),
  ...sources('site'),
  ...filesIn('site', /^site\/(?:[^/]+\.mjs|content\/.*|\.vitepress\/(?:theme\/.*|config\.ts))$/)
]

const written = () => {
  const references = writePages()
  const points = references.flatMap(({ file }) => ['--entryPoints', file])
  if (!run('typedoc/bin/typedoc', '--skipErrorChecking', '--logLevel', 'Error', ...points)) return false
  setReference(references)
  return run('vitepress/bin/vitepress.js', 'build', '.')
}

const isBuilt = install() && once('building the site', inputs(), ['site/.vitepress/dist/index.html'], written)
if (isBuilt && process.argv.includes('--serve')) run('vitepress/bin/vitepress.js', 'preview', '.')
process.exitCode = isBuilt ? 0 : 1
