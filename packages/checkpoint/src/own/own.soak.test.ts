// Many more mutations of files than the tests beside it try.
import { ndarray } from '@gradchain/core'
import * as random from '@gradchain/core/random'
import { expect, test } from 'vitest'
import { survivors } from '../internal/mutateTesting.js'
import { fromJson } from '../json/fromJson.js'
import { toJson } from '../json/toJson.js'
import { decodeSafetensors } from '../safetensors/decodeSafetensors.js'
import { encodeSafetensors } from '../safetensors/encodeSafetensors.js'
import { load } from './load.js'
import { save } from './save.js'

const RUNS = 120_000

const trees = [
  { count: 3, mu: { w: Float32Array.of(1, 2), b: ndarray([1], [1, 1], 'bfloat16') }, key: random.key(1) },
  [null, { a: { b: [1n, true, undefined] }, 'a.b': new Float64Array(0) }],
  -0
]

test('no mutation of a file of ours is read as anything else', () => {
  for (const { bytes, value } of survivors((bytes) => load(bytes), trees.map(save), { runs: RUNS, seed: 11 })) {
    expect(save(value)).toStrictEqual(bytes)
  }
})

test('no mutation of a file of safetensors does more than be refused or read, and none takes more memory than the file', () => {
  const files = [
    encodeSafetensors(
      { a: ndarray([1, 2], [2, 1]), b: { dtype: 'int8', shape: [], data: Int8Array.of(7) } },
      { metadata: { a: 'x', b: 'y' } }
    ),
    ...trees.map(save)
  ]
  for (const { bytes, value } of survivors(decodeSafetensors, files, { runs: RUNS, seed: 12 })) {
    const size = Object.values(value.tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
    expect(size).toBeLessThanOrEqual(bytes.length)
  }
})

test('no mutation of JSON does more than be refused or read', () => {
  const files = trees.map((tree) => new TextEncoder().encode(toJson(tree)))
  const decode = (bytes: Uint8Array) => fromJson(new TextDecoder().decode(bytes))
  expect(survivors(decode, files, { runs: RUNS, seed: 13 }).length).toBeGreaterThan(0)
})
