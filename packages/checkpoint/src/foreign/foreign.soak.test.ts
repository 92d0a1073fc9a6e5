// A hundred thousand damaged files of each format: each is read, or refused by a CheckpointError.
import { unzipSync, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { decodeFlaxMsgpack, decodeNpy, decodeNpz, decodeOrbax, decodeTfjsModel, encodeNpz } from '../index.js'
import { dice, mutated, survivors } from '../internal/mutateTesting.js'
import { fixture } from './fixtureTesting.js'

const RUNS = 100_000

test('npy', () => {
  survivors(
    decodeNpy,
    ['c_f32', 'fortran_f64', 'i64', 'v3'].map((name) => fixture(`npz/${name}.npy`)),
    { runs: RUNS, seed: 11 }
  )
})

test('npz', () => {
  const stored = encodeNpz({ a: Float32Array.of(1, 2), b: { c: 3 } })
  survivors(decodeNpz, [stored, zipSync(unzipSync(stored), { level: 9 }), fixture('npz/slash.npz')], {
    runs: RUNS,
    seed: 12
  })
})

test('flax', () => {
  const files = ['optax/optax_opt_only.msgpack', 'flax/chunked.msgpack', 'flax/kinds.msgpack'].map(fixture)
  survivors(decodeFlaxMsgpack, files, { runs: RUNS, seed: 13 })
})

test('Orbax', () => {
  const folders = ['state', 'kinds_zarr', 'kinds_zarr3'].map((name) => unzipSync(fixture(`orbax/${name}.zip`)))
  const roll = dice(14)
  for (let run = 0; run < RUNS; run++) {
    const folder = folders[run % folders.length] as Record<string, Uint8Array>
    const paths = Object.keys(folder).filter((path) => path !== '_CHECKPOINT_METADATA')
    const path = paths[roll(paths.length)] as string
    expect(decodeOrbax({ ...folder, [path]: mutated(folder[path] as Uint8Array, roll) })._tag).toMatch(/Left|Right/)
  }
})

test('TensorFlow.js', () => {
  const files = { 'model.json': fixture('tfjs/model.json'), 'weights.bin': fixture('tfjs/weights.bin') }
  const roll = dice(15)
  for (let run = 0; run < RUNS; run++) {
    expect(decodeTfjsModel({ ...files, 'model.json': mutated(files['model.json'], roll) })._tag).toMatch(/Left|Right/)
  }
})
