import { readFileSync } from 'node:fs'
import { dequantize, force, type NdArray, ndarray, type PackedFormat, quantize } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import type { Source } from './load.js'

/** What bitsandbytes made of an array. */
interface Blocks {
  readonly map: readonly number[]
  readonly codes: readonly number[]
  readonly scales: readonly number[]
}

/** What ml_dtypes made of one. */
interface Floats {
  readonly map: readonly (number | null)[]
  readonly codes: readonly number[]
  readonly largest: number
}

const data = JSON.parse(readFileSync(new URL('data/packing.json', import.meta.url), 'utf8')) as Source &
  Record<'signed' | 'unsigned', Blocks> &
  Record<'e4m3fn' | 'e5m2', Floats>
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

/** The values of all codes, where there are numbers of both signs or of one, and the largest is 1. */
const valuesOf = (format: PackedFormat, isSigned: boolean): Float32Array => {
  const words = new Uint16Array(WORDS)
  words.set([isSigned ? 1 : 0, 0x3f80])
  new Uint8Array(words.buffer, 4).set(Array.from({ length: 256 }, (_, i) => i))
  const like = new Float32Array(256)
  return force(dequantize(ndarray(words, [1, WORDS], 'bfloat16'), format, like)) as unknown as Float32Array
}

describe.each(['e4m3fn', 'e5m2'] as const)('%s', (format) => {
  const { map, codes, largest } = data[format]

  test('the values of the codes are those of ml_dtypes, in parts of the largest', () => {
    const values = valuesOf(format, true)
    map.forEach((v, i) => {
      const t = (v ?? NaN) / largest
      if (v === null) expect(values[i]).toBeNaN()
      else if (i !== 128) expect(Math.abs((values[i] as number) - t)).toBeLessThanOrEqual(2 ** -22 * Math.abs(t))
    })
  })

  test('codes are those of ml_dtypes, but for numbers about halfway between two', () => {
    const x = numbers(7, false)
    const bytes = bytesOf(force(quantize(x, format)) as NdArray)
    let [compared, off] = [0, 0]
    for (let at = 0; at < SIZE; at += BLOCK) {
      const part = x.subarray(at, at + BLOCK)
      const scale = Math.max(...part.map(Math.abs))
      if (Math.max(...part) < scale) continue
      part.forEach((number, i) => {
        const ours = bytes[(at / BLOCK) * 2 * WORDS + 4 + i] as number
        // There is no −0 here.
        const theirs = codes[at + i] === 128 ? 0 : (codes[at + i] as number)
        compared += 1
        if (ours === theirs) return
        off += 1
        const halfway = ((map[ours] as number) + (map[theirs] as number)) / 2 / largest
        expect(Math.abs(number / scale - halfway)).toBeLessThanOrEqual(Math.abs(number / scale) / 511)
      })
    }
    expect(compared).toBeGreaterThanOrEqual(BLOCK)
    expect(off / compared).toBeLessThan(0.03)
  })
})

describe.each([
  ['signed', numbers(7, false)],
  ['unsigned', numbers(8, true)]
] as const)('%s', (name, x) => {
  const { map, codes, scales } = data[name]

  test('the values of the codes are those of bitsandbytes', () => {
    const values = valuesOf('dynamic8', name === 'signed')
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
