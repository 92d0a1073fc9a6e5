import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Checksum, checksumOf } from './checksum.js'

test('is what it was when files were first written', () => {
  expect(checksumOf(new Uint8Array(0))).toBe('4e1968c6')
  expect(checksumOf(Uint8Array.from({ length: 100 }, (_, i) => i))).toBe('72a92e87')
})

test('is the same in pieces, and wherever the bytes lie', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(6), fc.nat(7), (bytes, pieces, shift) => {
      const moved = new Uint8Array(bytes.length + shift)
      moved.set(bytes, shift)
      expect(checksumOf(moved.subarray(shift))).toBe(checksumOf(bytes))
      expect(checksumOf(Buffer.from(moved).subarray(shift))).toBe(checksumOf(bytes))
      const cut = Math.min(32 * pieces, bytes.length - (bytes.length % 32))
      const inPieces = new Checksum().add(bytes.subarray(0, cut)).add(bytes.subarray(cut))
      expect(inPieces.value).toBe(new Checksum().add(bytes).value)
    })
  )
})

test('every flaw within one word shows', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), fc.integer(), (bytes, place, change) => {
      fc.pre(change !== 0)
      const words = new Int32Array(Math.ceil(bytes.length / 4))
      const all = new Uint8Array(words.buffer)
      all.set(bytes)
      const before = checksumOf(all)
      words[place % words.length] = (words[place % words.length] as number) ^ change
      expect(checksumOf(all)).not.toBe(before)
    })
  )
})

test('zeros at the end, and words that change places, show', () => {
  const sums = [0, 1, 4, 31, 32, 33, 64].map((length) => checksumOf(new Uint8Array(length)))
  expect(new Set(sums).size).toBe(sums.length)
  const words = Int32Array.from({ length: 24 }, (_, i) => i)
  const bytes = new Uint8Array(words.buffer)
  const all = new Set([checksumOf(bytes)])
  for (const [i, j] of [
    [0, 1],
    [0, 8],
    [3, 19],
    [16, 23]
  ] as const) {
    const swapped = words.slice()
    swapped[i] = j
    swapped[j] = i
    all.add(checksumOf(new Uint8Array(swapped.buffer)))
  }
  expect(all.size).toBe(5)
})
