import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orthonormal } from './orthonormal.js'

const some = fc.integer({ min: 1, max: 4 }).chain((columns) =>
  fc.integer({ min: columns, max: 8 }).chain((rows) =>
    fc.record({
      columns: fc.constant(columns),
      elements: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: rows * columns, maxLength: rows * columns }),
      exponent: fc.integer({ min: -500, max: 500 })
    })
  )
)

const column = (x: ArrayLike<number>, columns: number, j: number): readonly number[] =>
  Array.from({ length: x.length / columns }, (_, i) => x[i * columns + j] as number)

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)

test('columns are of length 1, or 0 where there is no direction, and at right angles, at any scale', () => {
  fc.assert(
    fc.property(some, ({ columns, elements, exponent }) => {
      const q = orthonormal(
        elements.map((x) => x * 2 ** exponent),
        columns
      )
      for (let j = 0; j < columns; j++) {
        const own = column(q, columns, j)
        expect([0, 1]).toContain(Number(dot(own, own).toFixed(12)))
        for (let k = 0; k < j; k++) expect(Math.abs(dot(own, column(q, columns, k)))).toBeLessThan(1e-14)
      }
    })
  )
})

test('columns that are nearly one are at right angles, too', () => {
  const a = [3, 1, 4, 1]
  const b = [2, 7, 1, 8]
  const q = orthonormal(
    a.flatMap((x, i) => [x, x + (b[i] as number) * 2 ** -14]),
    2
  )
  expect(Math.abs(dot(column(q, 2, 0), column(q, 2, 1)))).toBeLessThan(1e-15)
})

test('each column lies among those that are given, up to it', () => {
  fc.assert(
    fc.property(some, ({ columns, elements }) => {
      const q = orthonormal(elements, columns)
      for (let j = 0; j < columns; j++) {
        const given = column(elements, columns, j)
        const left = given.map((x, i) => {
          let rest = x
          for (let k = 0; k <= j; k++) rest -= dot(given, column(q, columns, k)) * (column(q, columns, k)[i] as number)
          return rest
        })
        expect(Math.max(0, ...left.map(Math.abs))).toBeLessThan(1e-4)
        expect(dot(given, column(q, columns, j))).toBeGreaterThanOrEqual(0)
      }
    })
  )
})

test('what is no direction is taken from another matrix', () => {
  const rounded = (x: ArrayLike<number>): readonly number[] => Array.from(x, (one) => Number(one.toFixed(12)) + 0)
  expect(rounded(orthonormal([3, 6, 4, 8], 2))).toStrictEqual([0.6, 0, 0.8, 0])
  expect(rounded(orthonormal([3, 6, 4, 8], 2, [1, 2, 3, 4]))).toStrictEqual([0.6, 2, 0.8, 4])
  expect(rounded(orthonormal([0, 0, 0, 0], 2))).toStrictEqual([0, 0, 0, 0])
})

test('NaN stays NaN', () => {
  expect(orthonormal([NaN, 1], 1).every(Number.isNaN)).toBe(true)
})
