import { chain, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  eachBlock,
  emittedBlocks,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  perUnit,
  type Shape
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { centralize } from './centralize.js'

const meanOf = (row: readonly number[]): number => row.reduce((sum, x) => sum + x, 0) / row.length
const means = (g: readonly number[], shape: Shape): readonly number[] =>
  shape === null || shape.length < 2 ? g.map(() => 0) : perUnit(g, shape, [...shape.keys()].slice(1), meanOf)

// What cancels leaves an error of the size of the terms.
const sizes = eachBlock((g) => g)

describe('centralize', () => {
  test('subtracts from each row its mean, and nothing from numbers and vectors', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) =>
        expectBlockOracle(
          centralize(),
          course,
          eachBlock((g, _, shape) => {
            const all = means(g, shape)
            return g.map((x, i) => x - (all[i] as number))
          }),
          { sizes }
        )
      )
    )
  })

  test('leaves rows of mean zero', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        emittedBlocks(centralize(), course).forEach((blocks) => {
          blocks.forEach((u, i) => {
            const shape = course.shapes[i] ?? null
            means(u, shape).forEach((mean) => expect(Math.abs(mean)).toBeLessThan(1e-12))
          })
        })
      })
    )
  })

  test('returns what has fewer than two axes as it came, bit for bit', () => {
    const grads = {
      vector: new Float32Array([1, 0.1, -0]),
      number: 0.1,
      flat: ndarray(new Float64Array([0.1, 3]), [2])
    }
    expect(centralize().update(grads, {}, grads)[0]).toStrictEqual(grads)
  })

  test('makes zeros of rows of one element', () => {
    const column = { w: ndarray(new Float32Array([1, 2]), [2, 1]) }
    expect(centralize().update(column, {}, column)[0].w.data).toStrictEqual(new Float32Array(2))
  })

  test('is linear, exactly for powers of two, and idempotent up to rounding', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(-1, 0.5, 4), (course, factor) =>
        expectSameBlocks(chain(scale(factor), centralize()), chain(centralize(), scale(factor)), course)
      )
    )
    const dyadic = aBlockCourse(
      fc.integer({ min: -64, max: 64 }),
      fc.constantFrom(null, [3], [3, 4], [2, 2, 2], [2, 1])
    )
    fc.assert(
      fc.property(dyadic, (course) => expectSameBlocks(chain(centralize(), centralize()), centralize(), course))
    )
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(centralize())
    expectFloat32InChain(centralize())
  })

  test('is what Optax gives', () => {
    expectBlockGolden(centralize(), [
      [0, -2.5, 2.5, 0.625, 0.125, -0.75, 0.25, -1, 0.5, -1.5],
      [1.25, 0, -1.25, 0.9166666666666667, -1.5833333333333333, 0.6666666666666667, 0, 0, 0, 0.75],
      [0.125, -1.125, 1, -1.8333333333333333, 2.166666666666667, -0.33333333333333326, -2, 0.75, 1, 0.25],
      [
        -1.6666666666666665, -0.6666666666666665, 2.3333333333333335, -0.5416666666666666, -0.16666666666666663,
        0.7083333333333334, 1.5, -1.25, 0.125, -0.5
      ],
      [-0.03125, -0.125, 0.15625, 0, -0.625, 0.625, -0.0625, 0.5, 0.25, 2]
    ])
  })
})
