// The examples as they are run by hand, on the built packages.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testDevice } from '../../packages/webgpu/src/testing.js'
import { root } from '../docs/files.js'

const lastLine = (name: string, args: readonly string[] = []): string => {
  const program = join(root, 'examples', name, 'dist/main.js')
  return execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .at(-1) as string
}

test('a LayersModel of TensorFlow.js reads at least nine of ten digits that it has not seen', () => {
  expect(lastLine('tfjs')).toMatch(/^accuracy (0\.9\d\d|1\.000)$/)
})

test('a run of the digits that is stopped and resumed prints the same last line as one that went through', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-digits-'))
  try {
    const file = join(folder, 'run.safetensors')
    const options = ['--steps', '60', '--seed', '2']
    const through = lastLine('digits', options)
    expect(through).toMatch(/^held-out accuracy {2}0\.\d{4} \(\d+ of 359\)$/)
    expect(lastLine('digits', [...options, '--save', file, '--stop-after', '1'])).toContain('stopped at step 22 of 60')
    expect(lastLine('digits', ['--resume', file, '--save', file, '--stop-after', '2'])).toContain(
      'stopped at step 44 of 60'
    )
    expect(lastLine('digits', ['--resume', file])).toBe(through)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a network in jax-js reads at least nine of ten digits that it has not seen', () => {
  expect(lastLine('jax-js')).toMatch(/^accuracy (0\.9\d\d|1\.000)$/)
})

test('a small Transformer sorts at least nine of ten lists that it has not seen', () => {
  expect(lastLine('transformer')).toMatch(/^accuracy (0\.9\d\d|1\.000)$/)
})

test('a recommender is twice as good as means, and its error not much larger than chance', () => {
  expect(lastLine('recommender')).toMatch(/^error 0\.5\d\d \(means alone 1\.1\d\d, chance 0\.5\)$/)
})

test('a program on WebGPU, in Node, reads at least nine of ten digits that it has not seen', async (context) => {
  await testDevice(context)
  expect(lastLine('webgpu', ['--node'])).toMatch(/^accuracy (0\.9\d\d|1\.000)$/)
})
