import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signWithNorm } from './signWithNorm.js'

test('signWithNorm gives each element the mean magnitude of its leaf', () => {
  const aVector = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(aVector, (numbers) => {
      const w = Float64Array.from(numbers)
      const size = numbers.reduce((sum, x) => sum + Math.abs(x), 0) / numbers.length
      const [u] = signWithNorm().update({ w }, {}, { w })
      const wanted = numbers.map((x) => (x >= 0 ? size : -size))
      u.w.forEach((x, i) => expect(x).toBeCloseTo(wanted[i] as number, 13))
    })
  )
})

test('signWithNorm leaves zeros, numbers and empty leaves as they are', () => {
  const params = { n: -3, none: new Float32Array(0), zero: new Float32Array(3) }
  expect(signWithNorm().update(params, {}, params)[0]).toStrictEqual(params)
})
