import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { zeroSmall } from './zeroSmall.js'

const aThreshold = fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constantFrom(0, 1, 2))

describe('zeroSmall', () => {
  test('is 0 where |g| < δ, else g, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aThreshold, (course, threshold) => {
        const oracle = (h: readonly number[]): number => (Math.abs(last(h)) < threshold ? 0 : last(h))
        // Which side a number is on is exact in float64; in float32 the threshold is rounded.
        expectOracle(zeroSmall(threshold), course, oracle, { in32: false })
      })
    )
  })

  test('keeps what is just as large, NaN and infinities', () => {
    const row = [0.5, -0.5, 0.49, -0.49, Number.NaN, -Infinity, Infinity]
    expect(emitted(zeroSmall(0.5), { params: row, gradients: [row] })).toStrictEqual([
      [0.5, -0.5, 0, 0, Number.NaN, -Infinity, Infinity]
    ])
    const w = Float32Array.of(1, 0.999)
    expect(zeroSmall(1).update({ w }, {}, { w })[0]).toStrictEqual({ w: Float32Array.of(1, 0) })
  })

  test('twice is the larger threshold, so it is idempotent', () => {
    fc.assert(
      fc.property(aCourse(), aThreshold, aThreshold, (course, a, b) =>
        expectSame(chain(zeroSmall(a), zeroSmall(b)), zeroSmall(Math.max(a, b)), course)
      )
    )
  })

  test('is odd, and for a threshold of 0 the identity, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aThreshold, (course, threshold) => {
        expectSame(chain(scale(-1), zeroSmall(threshold)), chain(zeroSmall(threshold), scale(-1)), course)
        expect(emitted(zeroSmall(0), course)).toStrictEqual(emitted(identity(), course))
      })
    )
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(zeroSmall(0.5))
    expectFloat32InChain(zeroSmall(0.5))
  })

  refuses([
    ['zeroSmall: threshold must be a finite number ≥ 0, got -1', () => zeroSmall(-1)],
    ['zeroSmall: threshold must be a finite number ≥ 0, got Infinity', () => zeroSmall(Infinity)],
    // @ts-expect-error -- the threshold is required
    ['zeroSmall: threshold must be a finite number ≥ 0, got undefined', () => zeroSmall()]
  ])
})
