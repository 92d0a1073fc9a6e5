import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, emitted, expectSame, refuses } from '../internal/testing/courses.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { type GramsOptions, grams } from './grams.js'

describe('grams', () => {
  test('has the sizes of the inner updates and the signs of the gradients, turned', () => {
    fc.assert(
      fc.property(aCourse(), (course) => {
        const plain = emitted(trace(0.9), course)
        emitted(grams(trace(0.9)), course).forEach((row, t) => {
          row.forEach((u, i) => {
            const g = course.gradients[t]?.[i] as number
            expect(u === -Math.sign(g) * Math.abs(plain[t]?.[i] as number)).toBe(true)
          })
        })
      })
    )
  })

  test('does not look at the signs of the inner updates', () => {
    fc.assert(
      fc.property(aCourse(), fc.boolean(), (course, descends) =>
        expectSame(grams(chain(trace(0.9), scale(-1)), { descends }), grams(trace(0.9), { descends }), course)
      )
    )
  })

  const make = (options: object) => () => grams(scale(-1), options as GramsOptions)
  refuses([['grams: descends must be true or false, got 1', make({ descends: 1 })]])
})
