import { InvalidOption, InvalidTree, mul, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hungarianAlgorithm } from './hungarianAlgorithm.js'

interface Costs {
  readonly n: number
  readonly m: number
  readonly numbers: readonly number[]
}

const aMatrix = (number: fc.Arbitrary<number>) =>
  fc.tuple(fc.nat(6), fc.nat(6)).chain(([n, m]) =>
    fc.record({
      n: fc.constant(n),
      m: fc.constant(m),
      numbers: fc.array(number, { minLength: n * m, maxLength: n * m })
    })
  )

/** The least sum, by trying all assignments. */
const least = ({ n, m, numbers }: Costs): number => {
  const from = (i: number, used: number, left: number): number => {
    if (left === 0) return 0
    if (i === n) return Infinity
    let best = n - i > left ? from(i + 1, used, left) : Infinity
    for (let j = 0; j < m; j++) {
      if ((used >> j) % 2 === 1) continue
      best = Math.min(best, (numbers[i * m + j] as number) + from(i + 1, used + 2 ** j, left - 1))
    }
    return best
  }
  return from(0, 0, Math.min(n, m))
}

const assigned = ({ n, m, numbers }: Costs) => hungarianAlgorithm(ndarray(Float64Array.from(numbers), [n, m]))

const sumOf = (costs: Costs, { rows, columns }: ReturnType<typeof assigned>): number =>
  rows.reduce((sum, i, k) => sum + (costs.numbers[i * costs.m + (columns[k] as number)] as number), 0)

describe('hungarianAlgorithm', () => {
  test.each([
    ['whole numbers with ties', fc.integer({ min: -3, max: 3 })],
    ['whole numbers', fc.integer({ min: -1000, max: 1000 })]
  ])('costs no more than any other assignment, of %s', (_, number) => {
    fc.assert(
      fc.property(aMatrix(number), (costs) => {
        const found = assigned(costs)
        expect(found.rows).toHaveLength(Math.min(costs.n, costs.m))
        expect(new Set(found.columns).size).toBe(found.rows.length)
        expect([...found.rows]).toStrictEqual([...new Set(found.rows)].sort((a, b) => a - b))
        expect(sumOf(costs, found)).toBe(least(costs))
      })
    )
  })

  test('costs no more of numbers of any size', () => {
    fc.assert(
      fc.property(aMatrix(fc.double({ min: -1e6, max: 1e6, noNaN: true })), (costs) => {
        expect(sumOf(costs, assigned(costs))).toBeLessThanOrEqual(least(costs) + 1e-8)
      })
    )
  })

  test('is the same when a row costs more, and the other way round for the transposed matrix', () => {
    // Powers of two: no two assignments have the same sum.
    const order = fc.shuffledSubarray(
      Array.from({ length: 16 }, (_, i) => 2 ** i),
      { minLength: 12, maxLength: 12 }
    )
    fc.assert(
      fc.property(order, fc.integer({ min: -9, max: 9 }), (numbers, more) => {
        const costs = { n: 3, m: 4, numbers }
        const found = assigned(costs)
        expect(assigned({ ...costs, numbers: numbers.map((x, i) => (i < 4 ? x + more : x)) })).toStrictEqual(found)
        const transposed = assigned({
          n: 4,
          m: 3,
          numbers: numbers.map((_, i) => numbers[(i % 3) * 4 + Math.floor(i / 3)] as number)
        })
        const pairs = [...found.rows].map((row, k) => [found.columns[k], row]).sort(([a = 0], [b = 0]) => a - b)
        expect([...transposed.rows].map((row, k) => [row, transposed.columns[k]])).toStrictEqual(pairs)
      })
    )
  })

  test('takes large matrices, 16 bits and what is not evaluated', () => {
    const n = 100
    const numbers = Float32Array.from({ length: n * n }, (_, i) => ((i * 7919) % 1009) / 8)
    const { columns } = hungarianAlgorithm(ndarray(numbers, [n, n]))
    expect(new Set(columns).size).toBe(n)
    const half = ndarray([2, 1, 1, 3], [2, 2], 'bfloat16')
    expect([...hungarianAlgorithm(mul(2, half)).columns]).toStrictEqual([1, 0])
  })

  test('refuses what is no matrix, and costs that are not finite', () => {
    expect(() => hungarianAlgorithm(new Float32Array(2))).toThrow(InvalidTree)
    expect(() => hungarianAlgorithm(new Float32Array(2))).toThrow(
      'hungarianAlgorithm: costs must be a matrix, got shape [2]'
    )
    // @ts-expect-error -- a string is no matrix
    expect(() => hungarianAlgorithm('costs')).toThrow('hungarianAlgorithm: costs must be a matrix, got "costs"')
    expect(() => hungarianAlgorithm(ndarray([1, Infinity], [1, 2]))).toThrow(InvalidOption)
    expect(() => hungarianAlgorithm(ndarray([1, Number.NaN], [1, 2]))).toThrow(
      'hungarianAlgorithm: costs must be finite numbers, got NaN'
    )
  })
})
