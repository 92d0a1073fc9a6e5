// What an import costs in a page: bundled from the packed packages with esbuild, minified and gzipped. The budgets, in bytes,
// stand beside each package in its size.json, by what is imported.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, inject, test } from 'vitest'
import { root } from '../../scripts/setup.mjs'
import { names } from '../packed/setup.js'

const { home } = inject('packed')

/** The bundle of a program in the folder of the user. */
const bundled = async (contents: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: home },
    bundle: true,
    format: 'esm',
    legalComments: 'none',
    logLevel: 'error',
    minify: true,
    platform: 'browser',
    write: false
  })
  return outputFiles.map(({ text }) => text).join('')
}

/** By how much a bundle is above its budget, in words; nothing when it is not. */
const excess = (bytes: number, budget: number): string =>
  bytes <= budget ? '' : `${bytes} bytes, ${bytes - budget} above the budget of ${budget}`

const rows = names.flatMap((name) => {
  const file = join(root, 'packages', name.replace('@gradchain/', ''), 'size.json')
  const budgets = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>) : {}
  return Object.entries(budgets).map(([imports, budget]) => [imports, name, budget] as const)
})

test.each(rows)('{ %s } of %s is within its budget of %i bytes', async (imports, name, budget) => {
  const bundle = await bundled(`export { ${imports} } from '${name}'`)
  expect(excess(gzipSync(bundle, { level: 9 }).length, budget)).toBe('')
})

test('an error has its name in a minified bundle, too', async () => {
  const bundle = await bundled(
    `import { InvalidOption } from '@gradchain/core'; export default new InvalidOption('no')`
  )
  const { default: error } = (await import(`data:text/javascript,${encodeURIComponent(bundle)}`)) as {
    default: unknown
  }
  expect(String(error)).toBe('InvalidOption: no')
})
