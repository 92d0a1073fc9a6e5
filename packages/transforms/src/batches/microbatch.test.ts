import {
  cast,
  force,
  grad,
  InvalidTree,
  type Leaf,
  mul,
  type NdArray,
  ndarray,
  type Operand,
  reshape,
  sum,
  sumSquares,
  type Tree
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { type MicrobatchOptions, microbatch } from './microbatch.js'

/** Batches of whole numbers, whose sums are exact. */
const aBatch = fc.record({ rows: fc.integer({ min: 1, max: 12 }), seed: fc.nat(1000) }).map(({ rows, seed }) => ({
  x: ndarray(
    Float64Array.from({ length: 3 * rows }, (_, i) => ((i * 7 + seed) % 11) - 5),
    [rows, 3]
  ),
  y: Float64Array.from({ length: rows }, (_, i) => ((i * 5 + seed) % 7) - 3)
}))
type Batch = { readonly x: NdArray<'float64'>; readonly y: Float64Array }

const rowsOf = ({ x, y }: Batch): readonly (readonly number[])[] =>
  [...y].map((last, i) => [...x.data.slice(3 * i, 3 * i + 3), last])

/** What is a sum over examples, and what is a list of them. */
const summary = (batch: Batch) => {
  const rows = rowsOf(batch)
  return {
    total: rows.reduce((s, row) => s + row.reduce((a, b) => a * b + b, 1), 0),
    sums: Float64Array.from([0, 1, 2, 3], (i) => rows.reduce((s, row) => s + (row[i] as number), 0)),
    each: Float64Array.from(rows, (row) => row.reduce((a, b) => a + b * b, 0)),
    pairs: ndarray(Float64Array.from(rows.flatMap(([a = 0, b = 0]) => [a, b])), [rows.length, 2])
  }
}
const words = { total: 'sum', sums: 'sum', each: 'concat', pairs: 'concat' } as const

const divisorsOf = (n: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0)

describe('microbatch', () => {
  test('of what is a sum or a list over examples is the function itself, for every size that divides them', () => {
    fc.assert(
      fc.property(aBatch, (batch) => {
        for (const size of divisorsOf(batch.y.length)) {
          expect(microbatch(summary, { size, accumulator: words })(batch)).toStrictEqual(summary(batch))
        }
      })
    )
  })

  test('calls the function with the examples in order, so many at a time', () => {
    const seen: unknown[] = []
    const look = (batch: Batch) => {
      seen.push({ x: [...batch.x.shape, ...batch.x.data], y: [...batch.y] })
      return 0
    }
    microbatch(look, { size: 2 })({
      x: ndarray(new Float64Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), [4, 3]),
      y: new Float64Array([1, 2, 3, 4])
    })
    expect(seen).toStrictEqual([
      { x: [2, 3, 1, 2, 3, 4, 5, 6], y: [1, 2] },
      { x: [2, 3, 7, 8, 9, 10, 11, 12], y: [3, 4] }
    ])
  })

  test.each(['mean', 'runningMean'] as const)('has the %s of what are means', (accumulator) => {
    const means = (xs: Float64Array) => ({ mean: xs.reduce((a, b) => a + b, 0) / xs.length, all: xs.slice(0, 2) })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 12, maxLength: 12 }), (numbers) => {
        const xs = Float64Array.from(numbers)
        for (const size of [2, 3, 4, 6, 12]) {
          const found = microbatch(means, { size, accumulator })(xs)
          expect(found.mean).toBeCloseTo(means(xs).mean, 12)
          const firsts = Array.from({ length: 12 / size }, (_, i) => numbers[i * size] as number)
          expect(found.all[0]).toBeCloseTo(firsts.reduce((a, b) => a + b, 0) / firsts.length, 12)
        }
      })
    )
  })

  test('keeps a running mean of what has no sum', () => {
    const huge = new Float64Array([1e308, 1e308, 1e308, 1e308])
    expect(microbatch((x: Float64Array) => x[0] as number, { size: 1, accumulator: 'mean' })(huge)).toBe(Infinity)
    expect(microbatch((x: Float64Array) => x[0] as number, { size: 1, accumulator: 'runningMean' })(huge)).toBe(1e308)
  })

  test('divides only the arguments that are batches', () => {
    const f = (scale: number, x: Float64Array, y: Float64Array) =>
      scale * x.reduce((s, a, i) => s + a * (y[i] as number), 0)
    const few = microbatch(f, { size: 1, argnums: [1, 2] })
    expect(few(2, new Float64Array([1, 2]), new Float64Array([3, 4]))).toBe(22)
  })

  test('adds up gradients, and can itself be differentiated', () => {
    interface Params {
      readonly w: Operand
    }
    const x = ndarray([1, 2, 3, 4, 5, 6], [3, 2])
    const loss = (params: Params, batch: NdArray) => sumSquares(mul(params.w, reshape(sum(batch, [0]), [2])))
    const params = { w: new Float32Array([1, 2]) }
    // The squares of 1, 3 and 5, and of 2, 4 and 6.
    const wanted = { w: new Float32Array([70, 224]) }
    const gradients = (at: typeof params, batch: NdArray) => grad((p: Params) => loss(p, batch))(at)
    expect(microbatch(gradients, { size: 1, argnums: [1] })(params, x)).toStrictEqual(wanted)
    const few = microbatch(loss, { size: 1, argnums: [1] })
    expect(grad((p: Params) => few(p, x))(params)).toStrictEqual(wanted)
  })

  test('shares no memory with what it was given', () => {
    const x = new Float64Array([1, 2])
    for (const accumulator of ['sum', 'concat'] as const) {
      const found = microbatch((batch: Float64Array) => batch, { size: 2, accumulator })(x)
      expect(found).toStrictEqual(x)
      expect(found.buffer).not.toBe(x.buffer)
    }
  })

  test('takes arrays of 16 bits, and what is not evaluated', () => {
    const half = ndarray([1, 2, 3, 4], [4], 'bfloat16')
    expect(microbatch((x: NdArray) => x, { size: 2, accumulator: 'concat' })(half)).toStrictEqual(half)
    const lazy = microbatch((x: Tree<Leaf>) => tree.map((leaf: Leaf) => sum(leaf), x), { size: 1 })
    expect(force(lazy(mul(2, new Float32Array([1, 2])) as never) as Tree)).toBe(6)
  })

  test('results of 16 bits are added up in float32, and rounded once, however many parts there are', () => {
    const halves = ndarray([1, 2 ** -8, 2 ** -8, 2 ** -7], [4, 1], 'bfloat16')
    const total = (x: NdArray) => cast(sum(x, [0]), 'bfloat16')
    for (const size of [1, 4]) {
      const few = microbatch((x: NdArray) => force(total(x)) as NdArray, { size })
      expect(few(halves)).toStrictEqual(ndarray([1 + 2 ** -6], [1, 1], 'bfloat16'))
      expect(force(microbatch(total, { size })(halves))).toStrictEqual(ndarray([1 + 2 ** -6], [1, 1], 'bfloat16'))
      const mean = microbatch((x: NdArray) => force(total(x)) as NdArray, { size, accumulator: 'mean' })
      expect(mean(halves).dtype).toBe('bfloat16')
    }
  })

  test('a function may write over what it gave', () => {
    const reused = new Float64Array(1)
    const first = (x: Float64Array) => {
      reused[0] = x[0] as number
      return reused
    }
    const x = new Float64Array([1, 2, 3])
    expect(microbatch(first, { size: 1, accumulator: 'concat' })(x)).toStrictEqual(x)
    expect(microbatch(first, { size: 1 })(x)).toStrictEqual(new Float64Array([6]))
  })

  const [two, other] = [new Float64Array(2), new Float32Array(2)]
  test.each([
    ['sum', { a: 1 }, { b: 1 }, 'the result of part 2 has no "a", the result of part 1 has it'],
    ['sum', { a: 1 }, { a: [1] }, 'the result of part 1.a is 1, the result of part 2 has [1]'],
    ['sum', { a: [1] }, { a: 1 }, 'the result of part 2.a is 1, the result of part 1 has [1]'],
    ['sum', 1, two, 'the result of part 2 is float64 of shape [2], that of part 1 a number'],
    ['sum', [two], [1], 'the result of part 2[0] is a number, that of part 1 float64 of shape [2]'],
    ['mean', two, other, 'the result of part 2 is float32 of shape [2], that of part 1 float64 of shape [2]'],
    ['sum', two, two.subarray(1), 'the result of part 2 is float64 of shape [1], that of part 1 float64 of shape [2]'],
    ['concat', two, other, 'the result of part 2 is float32 of shape […], that of part 1 float64 of shape […]'],
    [
      'concat',
      ndarray([1, 2], [1, 2]),
      ndarray([1, 2, 3], [1, 3]),
      'the result of part 2 is float32 of shape […, 3], that of part 1 float32 of shape […, 2]'
    ],
    [
      'concat',
      ndarray([1], [1], 'float16'),
      ndarray([1], [1], 'bfloat16'),
      'the result of part 2 is bfloat16 of shape […], that of part 1 float16 of shape […]'
    ]
  ] as const)('refuses results of parts that differ: %s of %o and %o', (accumulator, a, b, message) => {
    const given = [a, b]
    expect(() =>
      microbatch((x: Float64Array) => given[x[0] as number], { size: 1, accumulator })(new Float64Array([0, 1]))
    ).toThrow(new InvalidTree(`microbatch: ${message}`))
  })

  test('parts may give lists of different lengths, with a shape or bare', () => {
    const given = [new Float32Array([1]), ndarray([2, 3], [2]), new Float32Array(0)]
    const list = (x: Float64Array) => given[x[0] as number]
    const all = microbatch(list, { size: 1, accumulator: 'concat' })
    expect(all(new Float64Array([0, 1, 2]))).toStrictEqual(new Float32Array([1, 2, 3]))
    // What is concatenated may stand before what is not, and after it.
    for (const accumulator of [
      ['sum', 'concat'],
      ['concat', 'sum']
    ] as const) {
      const both = (x: Float64Array) => accumulator.map((word) => (word === 'sum' ? x.map(() => 1) : list(x)))
      const found = microbatch(both, { size: 1, accumulator })(new Float64Array([0, 1]))
      expect(found).toStrictEqual(
        accumulator.map((word) => (word === 'sum' ? new Float64Array([2]) : new Float32Array([1, 2, 3])))
      )
    }
  })

  const f = (x: unknown) => x
  const run = (options: MicrobatchOptions, x: unknown) => () => microbatch(f, options)(x)
  refuses([
    ['microbatch: size must be a whole number ≥ 1, got 0', run({ size: 0 }, 1)],
    ['microbatch: size must divide the 3 examples, got 2', run({ size: 2 }, new Float32Array(3))],
    [
      'microbatch: accumulator.a must be one of "sum", "mean", "runningMean", "concat", got "max"',
      run({ size: 1, accumulator: { a: 'max' as 'sum' } }, 1)
    ],
    ['microbatch: argnums must be an array of whole numbers ≥ 0, got []', run({ size: 1, argnums: [] }, 1)],
    ['microbatch: argument 0 must be a batch, got no arrays', run({ size: 1 }, [])],
    ['microbatch: argument 0 must be a batch, got no examples', run({ size: 1 }, new Float32Array(0))]
  ])

  test.each([
    ['microbatch: argument 0.a has no axes; the first is that of the examples', { a: 1 }],
    ['microbatch: argument 0 must be a batch, got undefined', undefined],
    ['microbatch: argument 0.a must be a batch, got "b"', { a: 'b' }],
    [
      'microbatch: argument 0.b has 3 examples, argument 0.a has 2',
      { a: new Float32Array(2), b: ndarray(new Float32Array(3), [3, 1]) }
    ]
  ])('refuses: %s', (message, batch) => {
    expect(run({ size: 1 }, batch)).toThrow(message)
  })

  test.each([
    ['microbatch: result must be a number or an array, got undefined', undefined],
    ['microbatch: result.a must be a number or an array, got a Promise', { a: Promise.resolve(1) }]
  ])('refuses a result: %s', (message, result) => {
    expect(() => microbatch((_: Float32Array) => result, { size: 1 })(new Float32Array(2))).toThrow(message)
  })

  test('refuses accumulators and results that do not fit', () => {
    expect(() =>
      microbatch((x: Float32Array) => ({ a: x.length }), { size: 1, accumulator: { b: 'sum' } })(new Float32Array(2))
    ).toThrow('accumulator')
    expect(() =>
      microbatch((x: Float32Array) => x.length, { size: 1, accumulator: 'concat' })(new Float32Array(2))
    ).toThrow('microbatch: what is concatenated must have an axis, got 1')
  })
})
