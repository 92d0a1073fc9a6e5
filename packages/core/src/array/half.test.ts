import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reference } from '../engine/reference.js'
import { createWasmEngine } from '../engine/wasm/engine.js'
import type { Expr } from '../expression/expr.js'
import { cast } from '../expression/operations.js'
import type { Data } from './dtype.js'
import { Kind } from './dtype.js'
import { decode, encode, roundTo } from './half.js'

// An oracle out of the definition of the formats: the sign, then `exponentBits`, then `fractionBits`. All values of the
// positive patterns are listed in order; a number is rounded to the nearest of them, of two as near to the even pattern.
// Differences of neighbours, and of a float32 from them, are exact in float64.
interface Format {
  readonly kind: Kind
  readonly exponentBits: number
  readonly fractionBits: number
}

const FORMATS: readonly (readonly [string, Format])[] = [
  ['bfloat16', { kind: Kind.BF16, exponentBits: 8, fractionBits: 7 }],
  ['float16', { kind: Kind.F16, exponentBits: 5, fractionBits: 10 }]
]

const valueOfPattern = (pattern: number, { exponentBits, fractionBits }: Format): number => {
  const bias = 2 ** (exponentBits - 1) - 1
  const exponent = (pattern >> fractionBits) & (2 ** exponentBits - 1)
  const fraction = (pattern & (2 ** fractionBits - 1)) / 2 ** fractionBits
  const sign = pattern & 0x8000 ? -1 : 1
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
}

describe.each(FORMATS)('%s', (_name, format) => {
  const { kind, fractionBits } = format
  const infinite = (2 ** format.exponentBits - 1) << fractionBits
  const positives = Float64Array.from({ length: infinite }, (_, pattern) => valueOfPattern(pattern, format))
  const largest = positives[infinite - 1] as number
  // Where the next value would be if the exponents went on; rounding to it overflows.
  const beyond = largest + (largest - (positives[infinite - 2] as number))

  const patternNearest = (magnitude: number): number => {
    if (magnitude >= beyond) return infinite
    let low = 0
    let high = infinite
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((positives[middle] as number) <= magnitude) low = middle
      else high = middle
    }
    const upper = high === infinite ? beyond : (positives[high] as number)
    const [below, above] = [magnitude - (positives[low] as number), upper - magnitude]
    return below < above || (below === above && low % 2 === 0) ? low : high
  }
  const nearest = (x: number): number => {
    if (Number.isNaN(x)) return x
    const value = valueOfPattern(patternNearest(Math.abs(x)), format)
    return x < 0 || Object.is(x, -0) ? -value : value
  }

  /** Numbers at, just beside, and half-way between the values of all patterns. */
  const places = (): number[] => {
    const found: number[] = []
    for (let pattern = 0; pattern < infinite; pattern++) {
      const value = positives[pattern] as number
      const next = pattern + 1 === infinite ? beyond : (positives[pattern + 1] as number)
      const tie = Math.fround(value + (next - value) / 2)
      const after = Math.fround(tie * (1 + 2 ** -23))
      const before = Math.fround(tie * (1 - 2 ** -24))
      found.push(value, tie, before, after)
    }
    return [...found, Infinity, Number.NaN, 3.4028234663852886e38, 2 ** -149].flatMap((x) => [x, -x])
  }

  test('all 65 536 patterns mean what the format says', () => {
    const wrong = Array.from({ length: 65_536 }, (_, pattern) => pattern).filter(
      (pattern) => !Object.is(decode(kind, pattern), valueOfPattern(pattern, format))
    )
    expect(wrong).toEqual([])
  })

  test('all patterns but those of NaN come back from their values', () => {
    const wrong = Array.from({ length: 65_536 }, (_, pattern) => pattern).filter((pattern) => {
      const value = decode(kind, pattern)
      return Number.isNaN(value) ? !Number.isNaN(decode(kind, encode(kind, value))) : encode(kind, value) !== pattern
    })
    expect(wrong).toEqual([])
  })

  test('values, ties and their neighbours are rounded to the nearest value, ties to even', () => {
    expect(places().filter((x) => !Object.is(roundTo(kind, x), nearest(x)))).toEqual([])
  })

  test('any float32 is rounded to the nearest value', () => {
    fc.assert(
      fc.property(fc.float(), (x) => {
        expect(roundTo(kind, x)).toBe(nearest(x))
      }),
      { numRuns: 3000 }
    )
  })

  test.each([reference, createWasmEngine()].map((engine) => [engine.name, engine] as const))(
    'the engine %s decodes all patterns and rounds all ties in the same way',
    (_engine, engine) => {
      const dtype = kind === Kind.BF16 ? 'bfloat16' : 'float16'
      const patterns = Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern)
      const numbers = Float32Array.from(places())
      // At first sight (large), and again in three short pieces whose program is then known.
      for (const length of [65_536, 1021, 1022, 1023]) {
        const decoded = cast({ dtype, shape: [length], data: patterns.subarray(0, length) }, 'float32') as Expr
        const rounded = cast(numbers.subarray(0, length), dtype) as Expr
        engine.evaluate([decoded, rounded])
        const wrong = Array.from(decoded.data as Data).filter((x, i) => !Object.is(x, valueOfPattern(i, format)))
        const off = Array.from(rounded.data as Data).filter(
          (bits, i) => !Object.is(decode(kind, bits), nearest(numbers[i] as number))
        )
        expect([wrong, off]).toEqual([[], []])
      }
    }
  )
})

test('a float64 is rounded to float32 first', () => {
  // Just above a tie of bfloat16, and on the tie after the first rounding.
  expect(roundTo(Kind.BF16, 1 + 2 ** -8 + 2 ** -40)).toBe(1)
  expect(roundTo(Kind.F32, 1 + 2 ** -24)).toBe(1)
  expect(roundTo(Kind.F64, 0.1)).toBe(0.1)
  expect(roundTo(Kind.Scalar, 0.1)).toBe(0.1)
})
