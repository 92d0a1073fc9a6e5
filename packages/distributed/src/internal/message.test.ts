import { type AnyGradientTransformation, identity, type Leaf, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quantize8 } from '../compression/quantize8.js'
import { signWithNorm } from '../compression/signWithNorm.js'
import { topK } from '../compression/topK.js'
import { bytesIn, decoded, encoded } from './message.js'

const wave = Float32Array.from({ length: 1024 }, (_, i) => Math.fround(((i * 7919) % 601) / 300 - 1))
const compressed = (tx: AnyGradientTransformation): Float32Array => {
  const at = { w: wave }
  return (tx.update(at, tx.init(at), at)[0] as typeof at).w
}

test.each([
  ['topK(0.01)', topK(0.01), 11 * 8],
  ['signWithNorm', signWithNorm(), 1024 / 8 + 8],
  ['quantize8', quantize8(), 4 * 260],
  ['identity', identity(), 4096]
])('%s: so many bytes, and the array to the bit', (_, tx, bytes) => {
  const w = compressed(tx)
  const message = encoded(w)
  expect(bytesIn(message)).toBe(bytes)
  expect(decoded(message, wave)).toStrictEqual(w)
})

test.each(['float32', 'float64', 'bfloat16', 'float16'] as const)('any array of %s comes through', (dtype) => {
  const aNumber = fc.constantFrom(0, 0, 0, -0, 1, -2.5, NaN, Infinity)
  fc.assert(
    fc.property(fc.array(aNumber, { maxLength: 40 }), (numbers) => {
      const leaf = ndarray(numbers, [numbers.length, 1], dtype) as Leaf
      expect(decoded(encoded(leaf), leaf)).toStrictEqual(leaf)
    })
  )
  expect(decoded(encoded(3), 4)).toBe(3)
})

test('−0 is another value than 0 among two', () => {
  const w = Float32Array.from({ length: 24 }, (_, i) => [1, 0, -0][i % 3] as number)
  expect(decoded(encoded(w), w)).toStrictEqual(w)
})
