import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { Checksum } from './checksum.js'
import { BLOCK, blocksInJs, LANES } from './checksumLanes.js'
import { blocksInWasm } from './checksumModule.js'

const digits = (checksum: number): string => checksum.toString(16).padStart(8, '0')
const checksumOf = (bytes: Uint8Array): string => digits(new Checksum().add(bytes).value)

afterEach(() => vi.unstubAllGlobals())

/** The definition once more: word k goes to lane k mod 32, and the lanes to the length in the end. */
const defined = (bytes: Uint8Array): string => {
  const odd = 0x9e3779b1n
  const step = (h: bigint, word: bigint): bigint => {
    const mixed = ((h ^ word) * odd) & 0xffffffffn
    return mixed ^ (mixed >> 15n)
  }
  const lanes = Array.from({ length: 32 }, (_, i) => step(BigInt(i + 1), odd))
  const padded = new Uint8Array(128 * Math.ceil(bytes.length / 128))
  padded.set(bytes)
  new Uint32Array(padded.buffer).forEach((word, k) => {
    lanes[k % 32] = step(lanes[k % 32] as bigint, BigInt(word))
  })
  return digits(Number(lanes.reduce(step, step(BigInt(bytes.length), 0n))))
}

test('agrees with its definition', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => checksumOf(bytes) === defined(bytes)))
  // So many that they go to WebAssembly, and do not fill its memory to the end.
  const many = Uint8Array.from({ length: 3 * 65_536 + 391 }, (_, i) => i ^ (i >> 7))
  expect(checksumOf(many)).toBe(defined(many))
})

test('is what it was when files were first written', () => {
  expect(checksumOf(new Uint8Array(0))).toBe('d181ddfd')
  expect(checksumOf(Uint8Array.from({ length: 200 }, (_, i) => i))).toBe('1f8abf28')
})

test('is the same in WebAssembly and in JavaScript', () => {
  const inWasm = blocksInWasm()
  expect(inWasm).toBeTypeOf('function')
  fc.assert(
    fc.property(
      fc.int32Array({ minLength: LANES, maxLength: LANES }),
      fc.oneof(fc.nat(20), fc.integer({ min: 500, max: 1100 })),
      fc.integer(),
      (lanes, blocks, seed) => {
        const bytes = Uint8Array.from({ length: blocks * BLOCK }, (_, i) => Math.imul(i + 1, seed) >>> 13)
        const [here, there] = [lanes.slice(), lanes.slice()]
        blocksInJs(here, bytes)
        inWasm?.(there, bytes)
        expect(there).toStrictEqual(here)
      }
    )
  )
})

test('where there is no WebAssembly, or none is allowed, there is JavaScript', () => {
  vi.stubGlobal('WebAssembly', undefined)
  expect(blocksInWasm()).toBeUndefined()
  const Module = (): never => {
    throw new TypeError('refused by the policy of the page')
  }
  vi.stubGlobal('WebAssembly', { Module })
  expect(blocksInWasm()).toBeUndefined()
})

test('and the checksum of many bytes is the same there', async () => {
  const many = Uint8Array.from({ length: 10_000 }, (_, i) => i ^ (i >> 7))
  const wanted = checksumOf(many)
  vi.stubGlobal('WebAssembly', undefined)
  // A module of its own, which has not looked for WebAssembly yet.
  const anew = './checksum.js?without'
  const without: typeof import('./checksum.js') = await import(anew)
  expect(digits(new without.Checksum().add(many).value)).toBe(wanted)
})

test('is the same in pieces, and wherever the bytes lie', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(6), fc.nat(7), (bytes, pieces, shift) => {
      const moved = new Uint8Array(bytes.length + shift)
      moved.set(bytes, shift)
      expect(checksumOf(moved.subarray(shift))).toBe(checksumOf(bytes))
      expect(checksumOf(Buffer.from(moved).subarray(shift))).toBe(checksumOf(bytes))
      const cut = Math.min(BLOCK * pieces, bytes.length - (bytes.length % BLOCK))
      const inPieces = new Checksum().add(bytes.subarray(0, cut)).add(bytes.subarray(cut))
      expect(inPieces.value).toBe(new Checksum().add(bytes).value)
    })
  )
})

test('checksums that are taken by turns do not disturb each other', () => {
  const [ones, twos] = [1, 2].map((value) => new Uint8Array(100_096).fill(value)) as [Uint8Array, Uint8Array]
  const [a, b] = [new Checksum(), new Checksum()]
  for (const [first, last] of [
    [0, 50_048],
    [50_048, 100_096]
  ] as const) {
    a.add(ones.subarray(first, last))
    b.add(twos.subarray(first, last))
  }
  expect([a.value, b.value]).toStrictEqual([new Checksum().add(ones).value, new Checksum().add(twos).value])
})

test('every flaw within one word shows, in few bytes and in many', () => {
  const length = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 4096, max: 9000 }))
  fc.assert(
    fc.property(length, fc.nat(), fc.integer(), (bytes, place, change) => {
      fc.pre(change !== 0)
      const words = new Int32Array(Math.ceil(bytes / 4)).map((_, i) => Math.imul(i, ~change))
      const all = new Uint8Array(words.buffer)
      const before = checksumOf(all)
      words[place % words.length] = (words[place % words.length] as number) ^ change
      expect(checksumOf(all)).not.toBe(before)
    })
  )
})

test('zeros at the end, and words that change places, show', () => {
  const sums = [0, 1, 4, 31, 32, 33, 64, 127, 128, 129, 256].map((length) => checksumOf(new Uint8Array(length)))
  expect(new Set(sums).size).toBe(sums.length)
  const words = Int32Array.from({ length: 96 }, (_, i) => i)
  const bytes = new Uint8Array(words.buffer)
  const all = new Set([checksumOf(bytes)])
  for (const [i, j] of [
    [0, 1],
    [0, 32],
    [3, 67],
    [31, 95]
  ] as const) {
    const swapped = words.slice()
    swapped[i] = j
    swapped[j] = i
    all.add(checksumOf(new Uint8Array(swapped.buffer)))
  }
  expect(all.size).toBe(5)
})
