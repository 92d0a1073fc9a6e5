import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testDevice } from '../../packages/webgpu/src/testing.js'
import { docBlockExamples, markdownExamples } from './collect.js'
import { evaluate } from './evaluate.js'
import { filesIn, packageFolders, read, root, sourcesOf } from './files.js'
import { typecheck } from './typecheck.js'

const packagePages = packageFolders.map((folder) => `${folder}/README.md`)
const pages = ['README.md', 'CONTRIBUTING.md', ...packagePages].filter((name) => existsSync(join(root, name)))
const examples = [
  ...packageFolders.flatMap(sourcesOf).flatMap((file) => docBlockExamples(file, read(file))),
  ...[...pages, ...filesIn('docs', (path) => path.endsWith('.md'))].flatMap((file) =>
    markdownExamples(file, read(file))
  )
]

for (const example of typecheck(examples)) {
  test(`the example at ${example.title} does what it says`, async (context) => {
    if (/from 'webgpu'/.test(example.code)) await testDevice(context)
    expect(await evaluate(example)).toEqual([])
  })
}
