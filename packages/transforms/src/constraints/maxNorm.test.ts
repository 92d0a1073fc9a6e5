import { applyUpdates, identity, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  eachBlock,
  emittedBlocks,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  unitNorms
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { masked } from '../selection/masked.js'
import { type MaxNormOptions, maxNorm } from './maxNorm.js'

const aLimit = fc.double({ min: 0.5, max: 1e3, noNaN: true })
const sizes = eachBlock((g, p) => [...g, ...p])

describe('maxNorm', () => {
  test('shortens units whose params would be longer than the limit to the limit', () => {
    fc.assert(
      fc.property(aBlockCourse(), aLimit, (course, limit) =>
        expectBlockOracle(
          maxNorm(limit),
          course,
          eachBlock((g, p, shape) => {
            const moved = g.map((x, i) => x + (p[i] as number))
            const norms = unitNorms(moved, shape)
            return g.map((x, i) => {
              const n = norms[i] as number
              return n <= limit ? x : ((moved[i] as number) * limit) / n - (p[i] as number)
            })
          }),
          { sizes }
        )
      )
    )
  })

  test('leaves units of at most the limit', () => {
    fc.assert(
      fc.property(aBlockCourse(), aLimit, (course, limit) => {
        emittedBlocks(maxNorm(limit), course).forEach((blocks, t) => {
          blocks.forEach((u, i) => {
            const p = course.steps[t]?.params[i] ?? []
            const rounding = 1e-15 * Math.max(0, ...p.map(Math.abs))
            const moved = u.map((x, k) => x + (p[k] as number))
            for (const n of unitNorms(moved, course.shapes[i] ?? null)) {
              expect(n).toBeLessThanOrEqual(limit * (1 + 1e-14) + 4 * rounding)
            }
          })
        })
      })
    )
  })

  test('changes nothing in units that stay shorter, bit for bit', () => {
    fc.assert(fc.property(aBlockCourse(), (course) => expectSameBlocks(maxNorm(1e5), identity(), course)))
  })

  test('takes the axes that make a unit', () => {
    const params = { w: ndarray([0, 0, 0, 0], [2, 2]) }
    const grads = { w: ndarray([3, 4, 6, 0], [2, 2]) }
    const moved = (options: MaxNormOptions) =>
      applyUpdates(params, maxNorm(2, options).update(grads, {}, params)[0]).w.data
    expect([...moved({ axis: 1 })].map((x) => Number(x.toFixed(6)))).toStrictEqual([1.2, 1.6, 2, 0])
    expect(moved({ axis: -1 })).toStrictEqual(moved({ axis: [1] }))
    expect([...moved({ axis: [] })]).toStrictEqual([2, 2, 2, 0])
    expect(Math.hypot(...moved({ axis: [0, 1] }))).toBeCloseTo(2, 6)
  })

  test('is what the projection of Optax gives for each column, minus the params', () => {
    expectBlockGolden(masked(maxNorm(1.5), [true, false, false]), [
      [
        0.060660171779821415, 0.9056941937898724, 0.8605134516226476, 0.8106601717798214, -1.9740883066780053,
        0.8683330403180565, 0.25, -1, 0.5, -1.5
      ],
      [-0.1400898899060845, 0.5397234005032802, -1, 0.5090091909944687, -0.8476680806039363, 1.75, 0, 0, 0, 0.75],
      [-0.75, -0.8320502943378437, 0.125, -1, 1.2480754415067656, 0.5, -2, 0.75, 1, 0.25],
      [
        -0.3077140785387653, 1, 0.23492424049174976, -0.3379183081539329, 0.125, 0.4621320343559643, 1.5, -1.25, 0.125,
        -0.5
      ],
      [
        -0.6831566406284235, -0.03125, -0.15835921350012638, -0.28172180397914004, -0.5, 0.5458203932499368, -0.0625,
        0.5, 0.25, 2
      ]
    ])
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(maxNorm(0.5))
    expectFloat32InChain(maxNorm(0.5))
  })

  const make = (options: object) => () => maxNorm(1, options as MaxNormOptions)
  refuses([
    ['maxNorm: limit must be a finite number > 0, got 0', () => maxNorm(0)],
    // @ts-expect-error -- the limit is required
    ['maxNorm: limit must be a finite number > 0, got undefined', () => maxNorm()],
    ['maxNorm: axis must be a whole number or a list of whole numbers, got null', make({ axis: null })],
    ['maxNorm: there is no option axes; there are axis', make({ axes: 0 })]
  ])
})
