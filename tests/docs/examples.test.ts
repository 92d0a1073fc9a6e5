import { expect, test } from 'vitest'
import { testDevice } from '../../packages/webgpu/src/testing.js'
import { docBlockExamples } from './collect.js'
import { evaluate } from './evaluate.js'
import { packageFolders, read, sourcesOf } from './files.js'
import { typecheck } from './typecheck.js'

const examples = packageFolders.flatMap(sourcesOf).flatMap((file) => docBlockExamples(file, read(file)))

for (const example of typecheck(examples)) {
  test(`the example at ${example.title} does what it says`, async (context) => {
    if (/from 'webgpu'/.test(example.code)) await testDevice(context)
    expect(await evaluate(example)).toEqual([])
  })
}
