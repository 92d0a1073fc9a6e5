import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import { sum } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import { biasCorrection, updateMoment } from './leafMoments.js'

const aNumber = fc.oneof(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.integer({ min: -4, max: 4 }))
const aDyadic = fc.integer({ min: -64, max: 64 }).map((n) => n / 8)
const aDecay = fc.double({ min: 0, max: 0.999, noNaN: true })
const aShare = fc.constantFrom(0, 0.25, 0.5, 0.75)
const aCount = fc.integer({ min: 1, max: 50 })

/** Within a few roundings of numbers of this size. */
const near = (actual: number, expected: number, size: number, share = 1e-12): boolean =>
  Math.abs(actual - expected) <= share * size + 1e-290

describe('updateMoment', () => {
  test.each([0, -1, 0.5, NaN])('refuses the order %d', (order) => {
    expect(() => updateMoment(1, 2, 0.5, order)).toThrow(`updateMoment: order must be a whole number ≥ 1, got ${order}`)
  })

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

describe('biasCorrection', () => {
  test('makes of the average of equal gradients that gradient', () => {
    fc.assert(
      fc.property(aNumber, aDecay, aCount, (g, decay, count) => {
        let moment = 0
        for (let t = 0; t < count; t++) moment = decay * moment + (1 - decay) * g
        return near(read(biasCorrection(moment, decay, count)), g, Math.abs(g))
      })
    )
  })

  test('changes nothing when β = 0, nor in the limit of many updates', () => {
    fc.assert(
      fc.property(aNumber, aDecay, aCount, (m, decay, count) => {
        return Object.is(biasCorrection(m, 0, count), m) && Object.is(biasCorrection(m, decay, 1e6), m)
      })
    )
  })

  test('does not divide by 0 in bfloat16, where 0.999 is 1', () => {
    // 0.001 to 8 bits is 0x3a83.
    const moment = ndarray(Uint16Array.of(0x3a83), [1], 'bfloat16')
    expect(near(read(sum(biasCorrection(moment, 0.999, 1))), 1, 1, 1e-3)).toBe(true)
  })
})
