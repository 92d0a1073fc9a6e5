// The examples as they are run by hand, on the built packages.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testDevice } from '../../packages/webgpu/src/testing.js'
import { root } from '../docs/files.js'
import { launchers } from '../mpi/launch.js'

const allLines = (name: string, args: readonly string[] = []): string =>
  execFileSync(process.execPath, [join(root, 'examples', name, 'dist/main.js'), ...args], { encoding: 'utf8' })

const lastLine = (name: string, args: readonly string[] = []): string =>
  allLines(name, args).trimEnd().split('\n').at(-1) as string

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

const hashesIn = (output: string): readonly string[] =>
  [...output.matchAll(/^rank \d+: params ([0-9a-f]{16})$/gm)].map(([, hash = '']) => hash)

test('threads that are ranks read as many digits as one alone, each with the same params, and go on from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-mpi-'))
  try {
    const file = join(folder, 'run.safetensors')
    const one = allLines('mpi', ['--local', '--ranks', '1', '--epochs', '6'])
    const stopped = allLines('mpi', ['--local', '--ranks', '3', '--epochs', '4', '--save', file])
    const three = allLines('mpi', ['--local', '--ranks', '3', '--epochs', '6', '--resume', file])
    expect(new Set(hashesIn(stopped)).size).toBe(1)
    expect(hashesIn(three)).toHaveLength(3)
    expect(new Set(hashesIn(three)).size).toBe(1)
    expect(three).toContain('epoch 5:')
    expect(three).not.toContain('epoch 4:')
    for (const said of [one, three]) expect(said.trimEnd()).toMatch(/held-out accuracy 0\.9\d\d\d$/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test.each(launchers)('ranks of $name read nine of ten digits, with the same params', ({ name, command }) => {
  const said = allLines('mpi', ['--ranks', '2', '--epochs', '4', '--mpirun', command])
  expect(said).toContain(`2 ranks over ${name} `)
  expect(hashesIn(said)).toHaveLength(2)
  expect(new Set(hashesIn(said)).size).toBe(1)
  expect(said.trimEnd()).toMatch(/held-out accuracy 0\.9\d\d\d$/)
})

test('without MPI the program says what to install', () => {
  const program = join(root, 'examples/mpi/dist/main.js')
  const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', env: { PATH: '' } })
  expect(status).toBe(1)
  expect(stderr).toContain(
    'mpi: there is no mpirun, no mpiexec, no mpirun.mpich, no mpirun.openmpi on this machine: install'
  )
})

test('a program on WebGPU, in Node, reads at least nine of ten digits that it has not seen', async (context) => {
  await testDevice(context)
  expect(lastLine('webgpu', ['--node'])).toMatch(/^accuracy (0\.9\d\d|1\.000)$/)
})
