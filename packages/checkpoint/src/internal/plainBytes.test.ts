import { expect, test } from 'vitest'
import { decodeFlaxMsgpack } from '../foreign/flaxMsgpack.js'
import { decodeNpy } from '../foreign/npy.js'
import { decodeNpz } from '../foreign/npz.js'
import { decodeKerasWeights } from '../keras/decodeKerasWeights.js'
import { load } from '../own/load.js'
import { decodePytorch } from '../pytorch/decodePytorch.js'
import { decodeSafetensors } from '../safetensors/decodeSafetensors.js'
import { givenBytes, plainBytes } from './plainBytes.js'

test('are over the same memory, of whatever class the given ones are', () => {
  const buffer = Buffer.of(1, 2, 3).subarray(1)
  for (const bytes of [plainBytes(buffer), givenBytes('read', buffer)]) {
    expect(bytes).toStrictEqual(Uint8Array.of(2, 3))
    expect(bytes.buffer).toBe(buffer.buffer)
  }
})

test.each<readonly [string, (bytes: Uint8Array) => unknown]>([
  ['load', load],
  ['decodeSafetensors', decodeSafetensors],
  ['decodePytorch', decodePytorch],
  ['decodeFlaxMsgpack', decodeFlaxMsgpack],
  ['decodeNpz', decodeNpz],
  ['decodeNpy', decodeNpy],
  ['decodeKerasWeights', decodeKerasWeights]
])('%s takes no ArrayBuffer, nor bytes that are gone, for a damaged file', async (owner, read) => {
  const gone = new Uint8Array(8)
  structuredClone(gone, { transfer: [gone.buffer] })
  const reading = (given: unknown) => async () => read(given as Uint8Array)
  await expect(reading(new ArrayBuffer(8))).rejects.toThrow(`${owner}: bytes must be a Uint8Array, got an ArrayBuffer`)
  await expect(reading('bytes')).rejects.toThrow(`${owner}: bytes must be a Uint8Array, got "bytes"`)
  await expect(reading(gone)).rejects.toThrow(`${owner}: bytes must be there, got memory that was transferred`)
})
