// A hundred thousand damaged files of HDF5: each is read, or refused by a CheckpointError, and none takes longer than it may.
import { unzipSync } from 'fflate'
import { File, ready } from 'h5wasm'
import { expect, test } from 'vitest'
import { fixture } from '../foreign/fixtureTesting.js'
import { dice, mutated } from '../internal/mutateTesting.js'
import { decodeKerasWeights } from './decodeKerasWeights.js'

const [RUNS, AT_ONCE] = [100_000, 500]

/** As small as such a file can be, so that what is damaged is something. */
const small = async (): Promise<Uint8Array> => {
  const { FS } = await ready
  const file = new File('small.h5', 'w')
  const vars = file.create_group('layers').create_group('dense').create_group('vars')
  vars.create_attribute('name', 'body')
  vars.create_dataset({ name: '0', data: Float32Array.of(1, 2), shape: [2] })
  file.close()
  return new Uint8Array(FS.readFile('small.h5'))
}

test('no damaged file of HDF5 does more than be refused or read, in the time that it has', async () => {
  const keras = unzipSync(fixture('keras/resume.zip'))['adam.weights.h5'] as Uint8Array
  const file = await small()
  const roll = dice(16)
  let read = 0
  for (let run = 0; run < RUNS; run += AT_ONCE) {
    const files = Array.from({ length: AT_ONCE }, (_, i) => mutated(i % 20 === 0 ? keras : file, roll))
    const results = await Promise.all(files.map((bytes) => decodeKerasWeights(bytes, { timeLimit: 250 })))
    read += results.filter(({ _tag }) => _tag === 'Right').length
  }
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThan(RUNS)
})
