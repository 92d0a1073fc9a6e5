import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, emitted, expectOracle } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { setToZero } from './setToZero.js'

const anything = fc.double()

describe('setToZero', () => {
  test('emits +0 for every gradient, NaN and infinities included', () => {
    fc.assert(fc.property(aCourse(anything), (course) => expectOracle(setToZero(), course, () => 0)))
    expect(emitted(setToZero(), { params: [1, 2, 3], gradients: [[Number.NaN, -Infinity, -0]] })).toStrictEqual([
      [0, 0, 0]
    ])
  })

  test('hides what stands before it in a chain', () => {
    fc.assert(
      fc.property(aCourse(anything), (course) => {
        expect(emitted(chain(scale(-3), setToZero()), course)).toStrictEqual(emitted(setToZero(), course))
      })
    )
  })
})
