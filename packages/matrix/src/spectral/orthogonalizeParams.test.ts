import { applyUpdates, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { qrOf } from '../internal/qrOf.js'
import { defect, distance, matrices, transpose } from '../internal/testing.js'
import { orthogonalizeParams } from './orthogonalizeParams.js'

const start = (rows: number, columns: number): Float64Array => {
  const wave = Float64Array.from({ length: rows * columns }, (_, k) => Math.sin(k * k + 1))
  if (rows >= columns) return qrOf(wave, rows, columns, columns).q
  return transpose(qrOf(wave, columns, rows, rows).q, columns, rows)
}

test('an orthogonal matrix stays orthogonal, whatever the update, and where it is when there is none', () => {
  fc.assert(
    fc.property(matrices, ({ rows, columns, data }) => {
      const size = Math.max(1, ...Array.from(data, Math.abs))
      // So small that no singular value comes near 0.
      const step = data.map((x) => (0.5 * x) / size / (rows + columns))
      const params = { w: ndarray(start(rows, columns), [rows, columns]) }
      const tx = orthogonalizeParams()
      const [u] = tx.update({ w: ndarray(step, [rows, columns]) }, {}, params)
      const { data: w } = applyUpdates(params, u).w
      const tall = rows >= columns ? w : transpose(w, rows, columns)
      expect(defect(tall, Math.max(rows, columns), Math.min(rows, columns))).toBeLessThan(1e-6)
      const [none] = tx.update({ w: ndarray(new Float64Array(rows * columns), [rows, columns]) }, {}, params)
      expect(distance(none.w.data, new Float64Array(rows * columns))).toBeLessThan(1e-6)
    })
  )
})

test('kernels by their dimension numbers; every other leaf passes as it is', () => {
  const params = { w: ndarray(start(6, 4), [2, 3, 4]), b: new Float32Array([1, 2]), c: 3 }
  const grads = {
    w: ndarray(
      start(6, 4).map((x) => x * x),
      [2, 3, 4]
    ),
    b: new Float32Array([0.1, 7]),
    c: 0.1
  }
  const tx = orthogonalizeParams({ method: 'svd', weightDimensionNumbers: { reductionAxis: [0, 1], outputAxis: 2 } })
  const [u] = tx.update(grads, {}, params)
  expect(defect(applyUpdates(params, u).w.data, 6, 4)).toBeLessThan(1e-12)
  expect([u.b, u.c]).toStrictEqual([grads.b, 0.1])
})

test('refuses what orthogonalize refuses, in its own name', () => {
  expect(() => orthogonalizeParams({ steps: 0 })).toThrow(
    'orthogonalizeParams: steps must be a whole number ≥ 1, got 0'
  )
})
