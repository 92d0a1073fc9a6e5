import { chain, identity, step } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectBlockGolden } from '../internal/testing/blocks.js'
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
import { type KeepParamsInBoxOptions, keepParamsInBox } from './keepParamsInBox.js'
import { keepParamsNonnegative } from './keepParamsNonnegative.js'

const aBox = fc
  .tuple(fc.double({ min: -100, max: 100, noNaN: true }), fc.double({ min: 0, max: 50, noNaN: true }))
  .map(([lower, width]) => ({ lower, upper: lower + width }))

describe('keepParamsInBox', () => {
  test('takes params that would leave the box to its side, and is else the identity', () => {
    fc.assert(
      fc.property(aCourse(), aBox, (course, { lower, upper }) =>
        expectOracle(
          keepParamsInBox({ lower, upper }),
          course,
          (h, p) => Math.min(Math.max(p + last(h), lower), upper) - p,
          { scale: (absolute, p) => last(absolute) + p + Math.abs(lower) + Math.abs(upper) }
        )
      )
    )
  })

  test('leaves params in the box, up to a rounding', () => {
    fc.assert(
      fc.property(aCourse(), aBox, (course, { lower, upper }) => {
        emitted(keepParamsInBox({ lower, upper }), course).forEach((row) => {
          row.forEach((u, i) => {
            const p = course.params[i] as number
            const rounding = 2 ** -52 * Math.max(Math.abs(p), Math.abs(lower), Math.abs(upper))
            expect(p + u).toBeGreaterThanOrEqual(lower - rounding)
            expect(p + u).toBeLessThanOrEqual(upper + rounding)
          })
        })
      })
    )
  })

  test('changes nothing where params stay in the box, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), (course) => {
        expectSame(keepParamsInBox({ lower: -1e4, upper: 1e4 }), identity(), course)
        expectSame(keepParamsInBox({ lower: -Infinity, upper: Infinity }), identity(), course)
      })
    )
  })

  test('is keepParamsNonnegative for the box from 0 to ∞', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(keepParamsInBox({ lower: 0, upper: Infinity }), keepParamsNonnegative(), course)
      )
    )
  })

  test('holds float32 params at a side that they are pushed against', () => {
    const tx = chain(scale(-1), keepParamsInBox({ lower: Math.fround(0.1), upper: Math.fround(0.3) }))
    let params = { w: new Float32Array([0.15, 0.25]) }
    let state = tx.init(params)
    for (let t = 0; t < 5; t++) [params, state] = step(tx, { w: new Float32Array([1, -1]) }, state, params)
    expect(params.w).toStrictEqual(new Float32Array([0.1, 0.3]))
  })

  test('shows a NaN, and takes the infinite to a side', () => {
    const tx = keepParamsInBox({ lower: -1, upper: 2 })
    expect(tx.update([Number.NaN, Infinity, -Infinity], {}, [0, 0, 0])[0]).toStrictEqual([Number.NaN, 2, -1])
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(keepParamsInBox({ lower: -1, upper: 0.5 }))
    expectFloat32InChain(keepParamsInBox({ lower: -1, upper: 0.5 }))
  })

  test('is what the projection of Optax gives, minus the params', () => {
    expectBlockGolden(keepParamsInBox({ lower: -0.75, upper: 1.125 }), [
      [0.125, 1.25, 0.625, 0.875, -1.875, 0.75, 0.25, -0.75, 0.5, -1.5],
      [-0.125, 0.75, -1, 0.625, -0.875, 1.75, 0, 0, 0, -0.375],
      [-0.75, -0.75, 0.125, -0.75, 1.125, 0.5, -1.125, 0.75, 1, 0.25],
      [-0.625, 1, -0.125, -0.25, 0.125, 1, 0.625, -0.375, 0.125, -0.5],
      [-0.875, -0.03125, -0.375, 0.125, -0.5, 0.75, -0.0625, 0.5, -0.125, 2]
    ])
  })

  const make = (options: object) => () => keepParamsInBox(options as KeepParamsInBoxOptions)
  refuses([
    ['keepParamsInBox: lower must be a number other than NaN, got undefined', make({ upper: 1 })],
    ['keepParamsInBox: upper must be a number other than NaN, got undefined', make({ lower: 1 })],
    ['keepParamsInBox: upper must be a number other than NaN, got NaN', make({ lower: 1, upper: Number.NaN })],
    ['keepParamsInBox: lower must be at most upper, 1, got 2', make({ lower: 2, upper: 1 })],
    ['keepParamsInBox: there is no option min; there are lower, upper', make({ min: 0, lower: 0, upper: 1 })],
    // @ts-expect-error -- the bounds are required
    ['keepParamsInBox: options must be an object, got undefined', () => keepParamsInBox()]
  ])
})
