// What an import costs in a page: bundled from the packed packages with esbuild, minified and gzipped. The budgets, in bytes,
// stand beside each package in its size.json, by what is imported, with the entry before it where that is not the package's own.
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
  const [, entry, what] = /^(?:([\w-]+): )?(.*)$/.exec(imports) as RegExpExecArray
  const bundle = await bundled(`export { ${what} } from '${entry === undefined ? name : `${name}/${entry}`}'`)
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

test('rows that a bundle knows nothing of are refused by the name of what takes them', async () => {
  const imports = 'identity, lazyRows, sparseRows, step, transient'
  const bundle = await bundled(`export { ${imports} } from 'gradchain'`)
  const made = (await import(`data:text/javascript,${encodeURIComponent(bundle)}`)) as typeof import('gradchain')
  const params = { w: new Float32Array(2) }
  const copy = { w: { kind: 'sparseRows', indices: [1], values: Float32Array.of(3), shape: [2] } } as const
  const moved = () => made.step(made.identity(), copy, {}, params)[0]
  const what = 'grads.w is sparse rows (see `sparseRows`), params has a Float32Array'
  expect(moved).toThrow(`update: ${what}`)
  expect(() => made.transient(made.identity(), params).step(copy)).toThrow(`step: ${what}`)
  made.sparseRows([], new Float32Array(0), [2])
  expect(moved()).toStrictEqual({ w: Float32Array.of(0, 3) })
})
