import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aNumber,
  emitted,
  expectGolden,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../internal/testing/courses.js'
import { clip } from './clip.js'

const aBound = fc.double({ min: 1e-3, max: 1e3, noNaN: true })

describe('clip', () => {
  test('is min(max(g, −δ), δ)', () => {
    fc.assert(
      fc.property(aCourse(aNumber), aBound, (course, bound) =>
        expectOracle(clip(bound), course, (h) => Math.min(Math.max(last(h), -bound), bound))
      )
    )
  })

  test('changes nothing within its bound, bit for bit', () => {
    fc.assert(fc.property(aCourse(), (course) => expectSame(clip(1e3), identity(), course)))
    expect(emitted(clip(1), { params: [0, 0], gradients: [[-0, 1]] })).toStrictEqual([[-0, 1]])
  })

  test('twice is the tighter clip, so it is idempotent', () => {
    fc.assert(
      fc.property(aCourse(aNumber), aBound, aBound, (course, a, b) =>
        expectSame(chain(clip(a), clip(b)), clip(Math.min(a, b)), course)
      )
    )
  })

  test('makes of infinities its bound, and leaves NaN', () => {
    const course = { params: [0, 0, 0], gradients: [[Infinity, -Infinity, Number.NaN]] }
    expect(emitted(clip(2), course)).toStrictEqual([[2, -2, Number.NaN]])
  })

  test('is what Optax gives', () => {
    expectGolden(clip(1), [
      [0.5, -1, 1],
      [1, 0.25, -1],
      [-0.75, -1, 0.125],
      [0, 1, 1]
    ])
  })

  refuses([
    ['clip: maxDelta must be a finite number > 0, got 0', () => clip(0)],
    ['clip: maxDelta must be a finite number > 0, got -1', () => clip(-1)],
    ['clip: maxDelta must be a finite number > 0, got Infinity', () => clip(Infinity)],
    // @ts-expect-error -- the bound is required
    ['clip: maxDelta must be a finite number > 0, got undefined', () => clip()]
  ])
})
