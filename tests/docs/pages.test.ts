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

test('every link of a page leads to a file of the repository, or to a heading of one', () => {
  expect(brokenLinks(pages)).toEqual([])
})

test('one gets from the README to every page', () => {
  expect(unreached('README.md', pages)).toEqual([])
})
