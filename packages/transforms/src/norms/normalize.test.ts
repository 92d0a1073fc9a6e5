import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBlockCourse, emittedBlocks, expectSameBlocks, normOf } from '../internal/testing/blocks.js'
import { scale } from '../scaling/scale.js'
import { normalize } from './normalize.js'

describe('normalize', () => {
  test('makes updates of length 1, all leaves together; zeros stay zeros', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        emittedBlocks(normalize(), course).forEach((blocks, t) => {
          const isZero = (course.steps[t]?.grads ?? []).flat().every((g) => g === 0)
          expect(normOf(blocks.flat())).toBeCloseTo(isZero ? 0 : 1, 12)
        })
      })
    )
  })

  test('is blind to the scale of the gradients, exactly for powers of two', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.integer({ min: -8, max: 8 }), (course, power) =>
        expectSameBlocks(chain(scale(2 ** power), normalize()), normalize(), course)
      )
    )
  })
})
