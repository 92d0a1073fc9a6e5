import { readFileSync } from 'node:fs'
import { dequantize, force, type NdArray, ndarray, quantize } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import type { Source } from './load.js'

/** What bitsandbytes made of an array. */
interface Blocks {
  readonly map: readonly number[]
  readonly codes: readonly number[]
  readonly scales: readonly number[]
}

const data = JSON.parse(readFileSync(new URL('data/packing.json', import.meta.url), 'utf8')) as Source &
  Record<'signed' | 'unsigned', Blocks>
const BLOCK = 256
const SIZE = 4 * BLOCK
const WORDS = 2 + BLOCK / 2

/** The numbers that it was given, by the rule of `generate_packing.py`. */
const numbers = (seed: number, isSquared: boolean): Float32Array => {
  let s = seed
  return Float32Array.from({ length: SIZE }, () => {
    s = (1664525 * s + 1013904223) % 2 ** 32
    const x = Math.fround((s / 2 ** 32 - 0.5) * 2 ** -(s % 12))
    return isSquared ? Math.fround(x * x) : x
  })
}

const bytesOf = ({ data: words }: NdArray): Uint8Array => new Uint8Array((words as Uint16Array).slice().buffer)

describe.each([
  ['signed', numbers(7, false)],
  ['unsigned', numbers(8, true)]
] as const)('%s', (name, x) => {
  const { map, codes, scales } = data[name]

  test('the values of the codes are those of bitsandbytes', () => {
    const words = new Uint16Array(WORDS)
    // 1, and in its last bit whether there are numbers of both signs.
    words.set([name === 'signed' ? 1 : 0, 0x3f80])
    new Uint8Array(words.buffer, 4).forEach((_, i, bytes) => {
      bytes[i] = i
    })
    const like = new Float32Array(256)
    const values = force(
      dequantize(ndarray(words, [1, WORDS], 'bfloat16'), 'dynamic8', like)
    ) as unknown as Float32Array
    // Theirs is rounded four times, ours twice.
    map.forEach((t, i) => expect(Math.abs((values[i] as number) - t)).toBeLessThanOrEqual(6 * 2 ** -24 * Math.abs(t)))
  })

  test('codes are those of bitsandbytes, but for numbers about halfway between two', () => {
    const bytes = bytesOf(force(quantize(x, 'dynamic8')) as NdArray)
    let [compared, off] = [0, 0]
    for (let block = 0; block < SIZE / BLOCK; block++) {
      const part = x.subarray(block * BLOCK, (block + 1) * BLOCK)
      const scale = scales[block] as number
      expect(Math.max(...part.map(Math.abs))).toBe(scale)
      // Where the largest number is negative, ours are mirrored, and it stays what it is.
      if (Math.max(...part) < scale) continue
      part.forEach((number, i) => {
        const ours = bytes[block * 2 * WORDS + 4 + i] as number
        const theirs = codes[block * BLOCK + i] as number
        compared += 1
        if (ours === theirs) return
        const y = number / scale
        // Of one sign, nothing but 0 becomes 0.
        if (name === 'unsigned' && ours === 1 && theirs === 0) return expect(number).toBeGreaterThan(0)
        off += 1
        expect(Math.abs(ours - theirs)).toBe(1)
        const halfway = ((map[ours] as number) + (map[theirs] as number)) / 2
        expect(Math.abs(y - halfway)).toBeLessThanOrEqual(Math.abs(y) / 511)
      })
    }
    expect(compared).toBeGreaterThanOrEqual(BLOCK)
    expect(off / compared).toBeLessThan(0.06)
  })
})
