import { chain, identity, mul, norm } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDyadic,
  aGradient,
  aNumber,
  emitted,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../internal/testing/courses.js'
import { scale } from './scale.js'

describe('scale', () => {
  test('multiplies by its number', () => {
    fc.assert(
      fc.property(aCourse(), aGradient, (course, a) => expectOracle(scale(a), course, (history) => a * last(history)))
    )
  })

  test('is exact for tiny numbers', () => {
    expect(emitted(scale(1e-50), { params: [1], gradients: [[3]] })).toStrictEqual([[3e-50]])
  })

  test('is the identity for 1, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(fc.double()), (course) => {
        expect(emitted(scale(1), course)).toStrictEqual(emitted(identity(), course))
      })
    )
  })

  test('after another is the scale by the product, exactly on dyadic numbers, else up to rounding', () => {
    const law = (share: number) => (course: Parameters<typeof emitted>[1], a: number, b: number) =>
      expectSame(chain(scale(a), scale(b)), scale(a * b), course, share)
    fc.assert(fc.property(aCourse(aDyadic), aDyadic, aDyadic, law(0)))
    // Each side rounds twice.
    fc.assert(fc.property(aCourse(aNumber), aGradient, aGradient, law(1e-15)))
  })

  test('by a lazy number is the scale by what it is', () => {
    const params = { w: Float32Array.of(1, -2), b: 3 }
    const tx = scale(norm(Float32Array.of(3, 4)))
    for (let i = 0; i < 3; i++)
      expect(tx.update(params, {}, params)[0]).toStrictEqual({ w: Float32Array.of(5, -10), b: 15 })
  })

  refuses([
    [
      'scale: stepSize must be a finite number or a lazy scalar, got an Expr',
      () => scale(mul(2, Float32Array.of(1, 2)))
    ],
    ['scale: stepSize must be a finite number or a lazy scalar, got NaN', () => scale(Number.NaN)],
    ['scale: stepSize must be a finite number or a lazy scalar, got -Infinity', () => scale(-Infinity)],
    // @ts-expect-error -- a schedule is for scaleBySchedule
    ['scale: stepSize must be a finite number or a lazy scalar, got a function', () => scale((step) => step)],
    // @ts-expect-error -- the number is required
    ['scale: stepSize must be a finite number or a lazy scalar, got undefined', () => scale()]
  ])
})
