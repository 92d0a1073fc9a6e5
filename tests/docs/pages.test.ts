import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testDevice } from '../../packages/webgpu/src/testing.js'
import { markdownExamples } from './collect.js'
import { evaluate } from './evaluate.js'
import { packageFolders, pagesOfDocs, read, root } from './files.js'
import { brokenLinks, unreached } from './links.js'
import { typecheck } from './typecheck.js'

const packagePages = packageFolders.map((folder) => `${folder}/README.md`)
const pages = [
  ...['README.md', 'CONTRIBUTING.md', ...packagePages].filter((name) => existsSync(join(root, name))),
  ...pagesOfDocs
]

for (const example of typecheck(pages.flatMap((file) => markdownExamples(file, read(file))))) {
  test(`the page ${example.title} does what it says`, async (context) => {
    if (/from 'webgpu'/.test(example.code)) await testDevice(context)
    expect(await evaluate(example)).toEqual([])
  })
}

/** What is installed for an import: a package, without what is taken from it. */
const packageOf = (from: string): string => from.split('/', from.startsWith('@') ? 2 : 1).join('/')

test.each(packagePages)('%s says first how to install it, with all that its first example imports', (file) => {
  const text = read(file)
  const [, own = ''] = /^# (.*)$/m.exec(text) ?? []
  const [, installed = ''] = /^```sh\nnpm install (?:--save-dev )?(.*)\n```$/m.exec(text.split('```ts')[0] ?? '') ?? []
  const [, example = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(text) ?? []
  const imported = [...example.matchAll(/ from '(?!node:)([^']+)'/g)].map(([, from = '']) => packageOf(from))
  expect(new Set(installed.split(' '))).toStrictEqual(new Set([own, ...imported]))
})

test('every link of a page leads to a file of the repository, or to a heading of one', () => {
  expect(brokenLinks(pages)).toEqual([])
})

test('one gets from the README to every page', () => {
  expect(unreached('README.md', pages)).toEqual([])
})
