import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CELLS, CUT, HALF, packed, unpacked } from './codes.js'
import { BLOCK, FORMATS, type PackedFormat } from './format.js'
import { publishedMap } from './testing.js'

test('what is written out is what it says', () => {
  expect([HALF, CELLS]).toStrictEqual([1 << (CUT - 1), (127 << (23 - CUT)) + 1])
})

const both = fc.constantFrom<PackedFormat>('dynamic8', 'dynamic4', 'e4m3fn', 'e5m2')
const formats = ['dynamic8', 'dynamic4'] as const
const there = (format: PackedFormat, data: Float32Array): Float32Array =>
  unpacked(FORMATS[format], packed(FORMATS[format], data), data.length)

/** Every code in one block, with the scale 1. */
const allCodes = (format: PackedFormat, isSigned: boolean): Uint16Array => {
  const { bits, words } = FORMATS[format]
  const out = new Uint16Array(words)
  const one = new Uint32Array(Float32Array.of(1).buffer)[0] as number
  out[0] = (one & 0xffff) | (isSigned ? 1 : 0)
  out[1] = one >>> 16
  for (let i = 0; i < BLOCK; i++) {
    const at = 2 + Math.floor((i * bits) / 16)
    out[at] = (out[at] as number) | ((i % 2 ** bits) << ((i * bits) % 16))
  }
  return out
}

// Blocks whose numbers lie far apart, with zeros, of one sign or of both, and with the largest of either.
const number = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.double({ min: 0.1, max: 1, noNaN: true }), fc.integer({ min: -9, max: 0 }))
      .map(([x, e]) => x * 10 ** e)
  },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 0.55, 1e-7, 2 ** -126) }
)
const sign = fc.constantFrom<(i: number) => number>(
  () => 1,
  () => -1,
  (i) => (i % 3 === 0 ? -1 : 1)
)
const block = fc
  .tuple(fc.array(number, { minLength: 1, maxLength: 300 }), sign, fc.constantFrom(1, 1e-30, 3e20, 2 ** -100))
  .map(([xs, signOf, scale]) => Float32Array.from(xs, (x, i) => x * signOf(i) * scale))

describe.each(formats)('%s', (name) => {
  const format = FORMATS[name]

  test.each([true, false])('the values are those of the published map, one by one (signed: %s)', (isSigned) => {
    const values = unpacked(format, allCodes(name, isSigned), 2 ** format.bits)
    const scale = isSigned ? 1 + 2 ** -23 : 1
    expect(values).toStrictEqual(Float32Array.from(publishedMap(isSigned, format.bits), (t) => Math.fround(t) * scale))
  })

  test('a number takes the nearest value of the map, but for a 512th of itself', () => {
    fc.assert(
      fc.property(block, (data) => {
        const back = there(name, data)
        for (let from = 0; from < data.length; from += BLOCK) {
          const part = data.subarray(from, from + BLOCK)
          const largest = Math.max(...part.map(Math.abs))
          if (largest < 2 ** -126) continue
          const highest = Math.max(0, ...part)
          const mirror = -Math.min(0, ...part) > highest ? -1 : 1
          const ys = Array.from(part, (x) => (mirror * x) / largest)
          const least = 0.3 * 10 ** (2 - format.bits)
          const isSigned = Math.min(...ys) <= -least
          const map = publishedMap(isSigned, format.bits)
          ys.forEach((y, i) => {
            const got = (mirror * (back[from + i] as number)) / largest
            const nearest = Math.min(...map.map((t) => Math.abs(t - y)))
            const smallest = Math.min(...map.filter((t) => t > 0))
            // Of one sign, what is not 0 does not become 0; the other sign is too small to be told from it.
            const allowed = isSigned ? nearest : y < 0 ? least : y > 0 && y < smallest ? smallest - y : nearest
            // Rounded to nine digits it is off by a 512th, and by as much more it may be off from the nearest.
            expect(Math.abs(got - y)).toBeLessThanOrEqual(allowed + 2 ** -8 * Math.abs(y) + 4e-7 * Math.abs(got))
          })
        }
      })
    )
  })

  test('0 is kept, and of one sign nothing else becomes 0', () => {
    fc.assert(
      fc.property(block, (data) => {
        const back = there(name, data)
        const isOneSign = data.every((x) => x >= 0) || data.every((x) => x <= 0)
        data.forEach((x, i) => {
          if (x === 0) expect(back[i]).toBe(0)
          else if (isOneSign && back.some((b) => b !== 0))
            expect(back[i] === 0 && i < BLOCK && data.length <= BLOCK).toBe(false)
        })
      })
    )
  })
})

test('quantised, dequantised and quantised again: the same words', () => {
  fc.assert(
    fc.property(block, both, (data, name) => {
      const format = FORMATS[name]
      const once = packed(format, data)
      expect(packed(format, unpacked(format, once, data.length))).toStrictEqual(once)
    })
  )
})

test('the largest magnitude of a block is exact up to its last place, whichever its sign', () => {
  fc.assert(
    fc.property(block, both, (data, name) => {
      const part = data.subarray(0, BLOCK)
      const at = part.findIndex((x) => Math.abs(x) === Math.max(...part.map(Math.abs)))
      const [x, back] = [part[at] as number, there(name, part)[at] as number]
      if (Math.abs(x) >= 2 ** -126) expect(Math.abs(back - x)).toBeLessThanOrEqual(2 ** -23 * Math.abs(x))
      else expect(back).toBe(0)
    })
  )
})

test.each(formats)('%s: what is not finite makes its block NaN, and no other', (name) => {
  for (const odd of [NaN, Infinity, -Infinity]) {
    const data = new Float32Array(600).fill(0.5)
    data[300] = odd
    const back = there(name, data)
    back.forEach((x, i) => expect(Number.isNaN(x)).toBe(i >= 256 && i < 512))
    expect([back[0], back[599]]).toStrictEqual([0.5, 0.5])
  }
})

test('a block too small for a reciprocal becomes 0', () => {
  expect(there('dynamic8', Float32Array.of(2 ** -127, -(2 ** -130)))).toStrictEqual(Float32Array.of(0, 0))
  expect(there('dynamic8', Float32Array.of(2 ** -126, 0))).toStrictEqual(Float32Array.of(2 ** -126, 0))
})
