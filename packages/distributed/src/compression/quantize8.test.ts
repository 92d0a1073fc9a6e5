import { dequantize, force, quantize } from '@gradchain/core'
import { expect, test } from 'vitest'
import { quantize8 } from './quantize8.js'

test('quantize8 rounds each leaf as quantize does, once', () => {
  const w = Float32Array.from({ length: 600 }, (_, i) => Math.fround(((i * 7919) % 601) / 300 - 1))
  const [once] = quantize8().update({ w }, {}, { w })
  expect(once.w).toStrictEqual(force(dequantize(quantize(w, 'dynamic8'), 'dynamic8', w)))
  expect(once.w).not.toStrictEqual(w)
  expect(quantize8().update(once, {}, { w })[0]).toStrictEqual(once)
  const off = w.map((x, i) => Math.abs(x - (once.w[i] as number)))
  // Half of what lies between two values of the map where they are widest, 0.9 / 64 / 2, and 2⁻¹⁰ for the digits that are left.
  expect(Math.max(...off)).toBeLessThan(0.0081)
  expect(Math.max(...off)).toBeGreaterThan(0.004)
})

test('quantize8 leaves numbers and empty leaves as they are, and dtypes', () => {
  const params = { n: 0.123, none: new Float32Array(0), wide: new Float64Array([1, 0]) }
  expect(quantize8().update(params, {}, params)[0]).toStrictEqual(params)
})
