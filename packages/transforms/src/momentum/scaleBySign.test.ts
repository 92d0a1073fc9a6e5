import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, emitted, expectOracle, expectSame, last } from '../internal/testing/courses.js'
import { scaleBySign } from './scaleBySign.js'

describe('scaleBySign', () => {
  test('is the sign of every update, ±0 and NaN included', () => {
    fc.assert(
      fc.property(aCourse(fc.double()), (course) => expectOracle(scaleBySign(), course, (h) => Math.sign(last(h))))
    )
    expect(emitted(scaleBySign(), { params: [1, 1, 1], gradients: [[-0, Number.NaN, -Infinity]] })).toStrictEqual([
      [-0, Number.NaN, -1]
    ])
  })

  test('is idempotent', () => {
    fc.assert(
      fc.property(aCourse(fc.double()), (course) =>
        expectSame(chain(scaleBySign(), scaleBySign()), scaleBySign(), course)
      )
    )
  })
})
