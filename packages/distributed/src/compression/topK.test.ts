import { InvalidOption, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { topK } from './topK.js'

const keptOf = (share: number, w: Float32Array): Float32Array => topK(share).update({ w }, {}, { w })[0].w
const aVector = fc
  .array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 })
  .map((x) => Float32Array.from(x))

describe('topK', () => {
  test('keeps exactly ⌈ share n ⌉ elements, none of which is smaller than one that was left out, the first of equal ones', () => {
    fc.assert(
      fc.property(aVector, fc.constantFrom(0.01, 0.1, 0.3, 0.5, 0.9, 1), (w, share) => {
        const order = [...w.keys()].sort((i, j) => Math.abs(w[j] as number) - Math.abs(w[i] as number) || i - j)
        // Shares in hundredths, so that a count by whole numbers says how many.
        const k = Math.max(1, Math.ceil((Math.round(share * 100) * w.length) / 100))
        const chosen = new Set(order.slice(0, k))
        expect(keptOf(share, w)).toStrictEqual(w.map((x, i) => (chosen.has(i) ? x : 0)))
      })
    )
  })

  test('keeps NaN before infinity, infinity before all else, −0 as it is', () => {
    const w = new Float32Array([1, Number.NaN, -Infinity, 3e38])
    expect(keptOf(0.25, w)).toStrictEqual(new Float32Array([0, Number.NaN, 0, 0]))
    expect(keptOf(0.5, w)).toStrictEqual(new Float32Array([0, Number.NaN, -Infinity, 0]))
    expect(keptOf(1, new Float32Array([-0, 1]))).toStrictEqual(new Float32Array([-0, 1]))
  })

  test('passes numbers and empty arrays on, keeps shapes and dtypes', () => {
    const params = {
      n: 2,
      none: new Float64Array(0),
      wide: new Float64Array([0.1, 1e300]),
      half: ndarray([1, 3, 2, 4], [2, 2], 'bfloat16')
    }
    expect(topK(0.5).update(params, {}, params)[0]).toStrictEqual({
      ...{ n: 2, none: new Float64Array(0), wide: new Float64Array([0, 1e300]) },
      half: ndarray([0, 3, 0, 4], [2, 2], 'bfloat16')
    })
  })

  test.each([0, -1, 1.5, Number.NaN, '0.5'])('refuses a share of %s', (share) => {
    expect(() => topK(share as never)).toThrow(InvalidOption)
    expect(() => topK(share as never)).toThrow('topK: share must be a number in (0, 1]')
  })
})
