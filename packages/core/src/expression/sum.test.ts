import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SPECIAL } from '../../../laws/src/engine/graph.js'
import { allocate, type DType, kindOf } from '../array/dtype.js'
import { decode, encode, roundTo } from '../array/half.js'
import { reference } from '../engine/reference.js'
import { createWasmEngine } from '../engine/wasm/engine.js'
import type { Expr } from './expr.js'
import { dot, maxOf, minOf, sum, sumSquares } from './operations.js'

// The order of additions once more, as the words have it: blocks of 4096 elements; in each, lane k adds up the elements
// whose number is k modulo 4, in order; the lanes are (l₀ + l₁) + (l₂ + l₃); the blocks are added in order.
const specified = (terms: readonly number[]): number => {
  const blocks = Array.from({ length: Math.ceil(terms.length / 4096) }, (_, b) => terms.slice(4096 * b, 4096 * (b + 1)))
  const lane = (block: readonly number[], k: number) => block.filter((_, i) => i % 4 === k).reduce((a, b) => a + b, 0)
  return blocks
    .map((block) => lane(block, 0) + lane(block, 1) + (lane(block, 2) + lane(block, 3)))
    .reduce((a, b) => a + b, 0)
}

const LENGTHS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 4094, 4095, 4096, 4097, 4099, 8192, 8193, 12_290, 16_383, 16_384
]
const LONG = [16_385, 65_535, 65_537, 131_071, 200_001]

const arrayOfValues = (dtype: DType, length: number, valueAt: (i: number) => number) => {
  const kind = kindOf(dtype)
  const data = allocate(kind, length)
  for (let i = 0; i < length; i++) data[i] = encode(kind, roundTo(kind, valueAt(i)))
  return { array: { dtype, shape: [length], data } as never, values: Array.from(data, (x) => decode(kind, x)) }
}

/** Values of such different sizes that any other order of additions gives other bits. */
const uneven = (seed: number) => (i: number) => Math.sin(i * 12.9898 + seed) * 10 ** ((i * 7 + seed) % 13)

const engines = [reference, createWasmEngine()]

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s', (name, engine) => {
  const valueOf = (make: () => unknown): number => {
    // Twice: a small program is compiled when it is seen again.
    const nodes = [make(), make(), make()] as Expr[]
    for (const node of nodes) engine.evaluate([node])
    const values = nodes.map((node) => node.value)
    expect(values.every((x) => Object.is(x, values[0]))).toBe(true)
    return values[0] as number
  }
  const lengths = name === 'reference' ? LENGTHS : [...LENGTHS, ...LONG]

  test.each(['float32', 'float64', 'bfloat16', 'float16'] as const)(
    'sums of %s are in the specified order',
    (dtype) => {
      for (const length of lengths) {
        const scale = dtype === 'float16' ? 1e-9 : 1
        const { array: x, values: xs } = arrayOfValues(dtype, length, (i) => uneven(length)(i) * scale)
        const { array: y, values: ys } = arrayOfValues('float64', length, uneven(length + 1))
        const facts = [
          [valueOf(() => sum(x)), specified(xs)],
          [valueOf(() => sumSquares(x)), specified(xs.map((a) => a * a))],
          [valueOf(() => dot(x, y)), specified(xs.map((a, i) => a * (ys[i] as number)))]
        ] as const
        for (const [actual, expected] of facts)
          if (!Object.is(actual, expected)) expect([length, actual]).toEqual([length, expected])
      }
    }
  )

  test('the order matters here: the plain one gives other bits', () => {
    const { array, values } = arrayOfValues('float64', 4097, uneven(3))
    const plain = values.reduce((a, b) => a + b, 0)
    expect(valueOf(() => sum(array))).not.toBe(plain)
  })

  test('the smallest and the largest element, with NaN, zeros and infinities', () => {
    const row = fc.array(fc.oneof(fc.constantFrom(...SPECIAL), fc.double()), { maxLength: 40 })
    fc.assert(
      fc.property(row, (values) => {
        const x = Float64Array.from(values)
        expect(valueOf(() => minOf(x))).toBe(Math.min(...x))
        expect(valueOf(() => maxOf(x))).toBe(Math.max(...x))
      }),
      { numRuns: 200 }
    )
  })

  test('a NaN, an infinity and the largest element count wherever they stand', () => {
    for (const length of [1, 2, 3, 5, 4095, 4097, 16_387]) {
      for (const at of new Set([0, 1, length >> 1, length - 2, length - 1].filter((i) => i >= 0 && i < length))) {
        const x = new Float32Array(length).fill(-2)
        x[at] = Number.NaN
        expect([sum, minOf, maxOf, sumSquares].map((f) => valueOf(() => f(x)))).toEqual([NaN, NaN, NaN, NaN])
        x[at] = Infinity
        expect([sum, maxOf].map((f) => valueOf(() => f(x)))).toEqual([Infinity, Infinity])
        x[at] = -1
        expect([sum, maxOf].map((f) => valueOf(() => f(x)))).toStrictEqual([1 - 2 * length, -1])
      }
    }
  })

  test('what lies behind the end of an array does not count', () => {
    // Larger arrays first, so that the memory behind a shorter one is not empty.
    for (const length of [16_400, 4099, 9, 7, 6, 5, 3, 2, 1, 0]) {
      const x = new Float32Array(length).fill(7)
      const y = new Float64Array(length).fill(-7)
      expect(valueOf(() => sum(x))).toBe(7 * length)
      expect(valueOf(() => sumSquares(y))).toBe(49 * length)
      expect(valueOf(() => dot(x, y))).toBe(length === 0 ? 0 : -49 * length)
      expect(valueOf(() => maxOf(y))).toBe(length === 0 ? -Infinity : -7)
      expect(valueOf(() => minOf(x))).toBe(length === 0 ? Infinity : 7)
    }
  })

  test('a sum of negative zeros is 0, the smallest of both zeros is −0', () => {
    const zeros = Float32Array.of(-0, -0, -0, -0, -0)
    expect(valueOf(() => sum(zeros))).toBe(0)
    expect(valueOf(() => minOf(Float32Array.of(0, -0, 0)))).toBe(-0)
    expect(valueOf(() => maxOf(Float32Array.of(-0, 0, -0)))).toBe(0)
  })
})
