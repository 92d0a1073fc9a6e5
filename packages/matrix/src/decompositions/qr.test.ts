import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrayOf, dataOf, defect, distance, matrices, product, sizeOf } from '../internal/testing.js'
import { qr } from './qr.js'

describe.each(['reduced', 'complete'] as const)('%s', (mode) => {
  test('Q R is A, Q has orthonormal columns, R is upper triangular', () => {
    fc.assert(
      fc.property(matrices, (a) => {
        const { rows, columns, data } = a
        const width = mode === 'complete' ? rows : Math.min(rows, columns)
        const { q, r } = qr(arrayOf(a), { mode })
        const [left, right] = [dataOf(q), dataOf(r)]
        const unit = sizeOf(data)
        expect(defect(left, rows, width)).toBeLessThan(1e-13)
        const back = product(
          left,
          right.map((x) => x / unit),
          rows,
          width,
          columns
        )
        expect(
          distance(
            back,
            data.map((x) => x / unit)
          )
        ).toBeLessThan(1e-13)
        right.forEach((x, k) => {
          if (k % columns < Math.floor(k / columns)) expect(x).toBe(0)
        })
      })
    )
  })
})

test('the signs are those of LAPACK', () => {
  const { q, r } = qr(ndarray(new Float64Array([1, 2, 3, 4, 5, 6]), [3, 2]))
  // numpy 2: np.linalg.qr([[1, 2], [3, 4], [5, 6]])
  const known = {
    q: [
      -0.16903085094570325, 0.89708522714506, -0.5070925528371099, 0.2760262237369416, -0.8451542547285165,
      -0.3450327796711769
    ],
    r: [-5.916079783099616, -7.437357441610946, 0, 0.828078671210825]
  }
  expect(distance(dataOf(q), known.q)).toBeLessThan(1e-14)
  expect(distance(dataOf(r), known.r)).toBeLessThan(1e-14)
})

test('a stack of matrices is decomposed one by one, in its dtype', () => {
  const stack = ndarray(new Float32Array([3, 0, 4, 5, 1, 0, 0, 1]), [2, 2, 2])
  const { q, r } = qr(stack)
  const alone = qr(ndarray(new Float32Array([3, 0, 4, 5]), [2, 2]))
  expect(dataOf(q)).toBeInstanceOf(Float32Array)
  expect(Array.from(dataOf(q).subarray(0, 4))).toStrictEqual(Array.from(dataOf(alone.q)))
  expect(Array.from(dataOf(r).subarray(0, 4))).toStrictEqual(Array.from(dataOf(alone.r)))
  expect(Array.from(dataOf(r).subarray(4), Math.abs)).toStrictEqual([1, 0, 0, 1])
})

test('what has no elements has factors without any', () => {
  const { q, r } = qr(ndarray(new Float64Array(0), [0, 3]))
  expect([dataOf(q).length, dataOf(r).length]).toStrictEqual([0, 0])
  expect(dataOf(qr(ndarray(new Float64Array(0), [3, 0]), { mode: 'complete' }).q).length).toBe(9)
})

test('NaN is said, and ends', () => {
  const { r } = qr(ndarray(new Float64Array([1, NaN, 2, 3]), [2, 2]))
  expect(dataOf(r)[3]).toBeNaN()
  expect(dataOf(qr(ndarray(new Float64Array([Infinity, 1, 2, 3]), [2, 2])).r).some(Number.isNaN)).toBe(true)
})

test.each([
  [() => qr(3), 'qr: x must be a matrix, got a number'],
  [() => qr(new Float32Array(3)), 'qr: x must be a matrix, got shape [3]'],
  [
    () => qr(ndarray(new Float64Array(4), [2, 2]), { mode: 'full' as never }),
    'qr: mode must be one of "reduced", "complete", got "full"'
  ]
])('refuses %s', (call, message) => {
  expect(call).toThrow(message)
})
