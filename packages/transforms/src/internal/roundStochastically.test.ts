import { force, ndarray } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roundStochastically } from './roundStochastically.js'

const dtypes = ['bfloat16', 'float16'] as const
const words = (...random: number[]) => Uint32Array.from(random)
const asNumbers = (bits: Uint16Array, dtype: 'bfloat16' | 'float16'): readonly number[] => [
  ...(force(tree.cast([ndarray(bits, [bits.length], dtype)], 'float64')) as [{ data: Float64Array }])[0].data
]
const anyFloat = fc.float({ noNaN: true })
const anyWord = fc.nat(0xffff)
const anyDtype = fc.constantFrom(...dtypes)

const magnitudes = (infinite: number, dtype: 'bfloat16' | 'float16'): readonly number[] =>
  asNumbers(
    Uint16Array.from({ length: infinite + 1 }, (_, i) => i),
    dtype
  )
/** All numbers ≥ 0 of a dtype, in order; the last is ∞. */
const all = { bfloat16: magnitudes(0x7f80, 'bfloat16'), float16: magnitudes(0x7c00, 'float16') }

/** The neighbours of x among the numbers of a dtype. */
const neighbours = (x: number, dtype: 'bfloat16' | 'float16'): readonly [number, number] => {
  let [low, high] = [0, all[dtype].length - 1]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((all[dtype][middle] as number) <= Math.abs(x)) low = middle
    else high = middle
  }
  const sign = x < 0 ? -1 : 1
  return [sign * (all[dtype][low] as number), sign * (all[dtype][high] as number)]
}

test('gives one of the two neighbours', () => {
  fc.assert(
    fc.property(anyFloat, anyWord, anyDtype, (x, word, dtype) => {
      const [rounded] = asNumbers(roundStochastically(Float32Array.of(x), words(word), dtype), dtype)
      const [near, far] = neighbours(x, dtype)
      expect([near, far, Number.isFinite(x) ? Number.NaN : x]).toContain(rounded)
    }),
    { numRuns: 200 }
  )
})

test('keeps what 16 bits can hold, NaN and the infinities', () => {
  for (const dtype of dtypes) {
    const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i)
    const values = Float32Array.from(asNumbers(bits, dtype))
    const out = roundStochastically(values, new Uint32Array(0x8000).fill(0xffffffff), dtype)
    expect(asNumbers(out, dtype).findIndex((got, i) => !Object.is(got, values[i]))).toBe(-1)
    expect(out.filter((got, i) => got !== bits[i] && !Number.isNaN(values[i]))).toHaveLength(0)
  }
})

test('rounds up as often as a number is nearer to the upper neighbour, for all 2¹⁶ random bits, below the normal numbers too', () => {
  const draws = Uint32Array.from({ length: 0x8000 }, (_, i) => (((2 * i + 1) << 16) | (2 * i)) >>> 0)
  for (const [dtype, x] of [
    ['bfloat16', 1.001],
    ['bfloat16', -3.3e-5],
    ['bfloat16', 1e-40],
    ['float16', 1.0001],
    ['float16', -1234.3],
    ['float16', 3.3e-5],
    ['float16', 1e-8]
  ] as const) {
    const single = Math.fround(x)
    const out = asNumbers(roundStochastically(new Float32Array(0x10000).fill(single), draws, dtype), dtype)
    const mean = out.reduce((sum, y) => sum + y, 0) / out.length
    const [near, far] = neighbours(single, dtype)
    // Each of 2¹³ to 2¹⁶ different draws weighs that much of the distance between the neighbours.
    expect(Math.abs(mean - single)).toBeLessThanOrEqual(Math.abs(far - near) * 2 ** -13)
  }
})
