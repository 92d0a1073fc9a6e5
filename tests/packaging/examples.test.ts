// The examples as they are run by hand, on the built packages.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../docs/files.js'

const lastLine = (name: string): string => {
  const program = join(root, 'examples', name, 'dist/main.js')
  return execFileSync(process.execPath, [program], { encoding: 'utf8' }).trimEnd().split('\n').at(-1) as string
}

test('a LayersModel of TensorFlow.js reads at least nine of ten digits that it has not seen', () => {
  expect(lastLine('tfjs')).toMatch(/^accuracy (0\.9\d\d|1\.000)$/)
})
