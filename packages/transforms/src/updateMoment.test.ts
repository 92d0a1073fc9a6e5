import { force, read } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aDecay, aDyadic, aNumber, near } from './internal/testing/courses.js'
import { updateMoment } from './updateMoment.js'

const aShare = fc.constantFrom(0, 0.25, 0.5, 0.75)

describe('updateMoment', () => {
  test('is (1 − β) gᵏ + β m', () => {
    fc.assert(
      fc.property(aNumber, aNumber, aDecay, fc.integer({ min: 1, max: 3 }), (g, m, decay, order) => {
        const expected = (1 - decay) * g ** order + decay * m
        return near(read(updateMoment(g, m, decay, order)), expected, Math.abs(g) ** order + Math.abs(m))
      })
    )
  })

  test('is linear in the moment, and in the gradient when k = 1, exactly on dyadic numbers', () => {
    fc.assert(
      fc.property(aDyadic, aDyadic, aDyadic, aShare, (g, m, c, decay) => {
        const of = (x: number, y: number, order: number) => read(updateMoment(x, y, decay, order))
        return (
          of(g, m + c, 2) === of(g, m, 2) + decay * c &&
          of(g + c, m, 1) === of(g, m, 1) + (1 - decay) * c &&
          of(c * g, c * m, 1) === c * of(g, m, 1)
        )
      })
    )
  })

  test('is gᵏ when β = 0', () => {
    fc.assert(fc.property(aNumber, aNumber, (g, m) => read(updateMoment(g, m, 0, 2)) === g * g))
  })

  test('is lazy, for arrays', () => {
    const m = updateMoment(new Float32Array([2, 4]), new Float32Array([8, 0]), 0.75, 1)
    expect(() => Number(m)).toThrow('an expression is lazy')
    expect(force(m)).toStrictEqual(Float32Array.of(6.5, 1))
  })
})
