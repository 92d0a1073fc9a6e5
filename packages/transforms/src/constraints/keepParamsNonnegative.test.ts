import { applyUpdates, chain, identity, type NdArray, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectBlockGolden } from '../internal/testing/blocks.js'
import {
  aCourse,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  last
} from '../internal/testing/courses.js'
import { keepParamsNonnegative } from './keepParamsNonnegative.js'

describe('keepParamsNonnegative', () => {
  test('is −p where p + g < 0, else g', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectOracle(keepParamsNonnegative(), course, (h, p) => (p + last(h) < 0 ? -p : last(h)), {
          // Where p + g is next to 0 float32 may be on the other side, with nearly the same number.
          scale: (absolute, p) => last(absolute) + p
        })
      )
    )
  })

  test('leaves params of at least 0, exactly, in every dtype', () => {
    const pair = fc.tuple(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.double({ min: -1e4, max: 1e4, noNaN: true }))
    fc.assert(
      fc.property(pair, fc.constantFrom('float32', 'float64', 'bfloat16', 'float16'), ([p, g], dtype) => {
        const params = { w: ndarray([p, p], [2], dtype), n: p }
        const grads = { w: ndarray([g, -p], [2], dtype), n: g }
        const moved = applyUpdates(params, keepParamsNonnegative().update(grads, {}, params)[0])
        expect(moved.n).toBeGreaterThanOrEqual(0)
        const { data } = moved.w as NdArray
        // Of the 16-bit dtypes the sign is the highest bit; −0 is none.
        const isNegative = (x: number) => (data instanceof Uint16Array ? x > 0x8000 : x < 0)
        expect([...data].some(isNegative)).toBe(false)
      })
    )
  })

  test('changes nothing where params stay nonnegative, bit for bit', () => {
    const positive = aCourse(fc.double({ min: 0, max: 1e6, noNaN: true }))
    fc.assert(fc.property(positive, (course) => expectSame(keepParamsNonnegative(), identity(), course)))
  })

  test('twice is once', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(chain(keepParamsNonnegative(), keepParamsNonnegative()), keepParamsNonnegative(), course)
      )
    )
  })

  test('shows a NaN', () => {
    expect(keepParamsNonnegative().update([Number.NaN, -9], {}, [1, 1])[0]).toStrictEqual([Number.NaN, -1])
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(keepParamsNonnegative())
    expectFloat32InChain(keepParamsNonnegative())
  })

  test('is what Optax gives', () => {
    expectBlockGolden(keepParamsNonnegative(), [
      [0.5, 2, 3, 1.25, 0.75, 1.5, 0.25, -0, 0.75, -1.5],
      [1.5, 1.5, -0.75, 2, -0.5, 1.75, 0, 0, 0.5, 0.75],
      [-0, -0, 0.125, -0, 3, 0.5, -0.375, 0.75, 1, 0.25],
      [0, 1, 4, -0.25, 0.125, 1, 1.5, 0.375, 0.125, -0],
      [0.0625, -0.03125, 0.25, 0.125, -0.5, 0.75, -0.0625, 0.5, 0.25, 2]
    ])
  })
})
