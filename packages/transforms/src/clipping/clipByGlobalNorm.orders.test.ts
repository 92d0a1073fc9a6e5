import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  emittedBlocks,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  lastStep
} from '../internal/testing/blocks.js'
import { aCourse, expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { clip } from './clip.js'
import { clipByGlobalNorm } from './clipByGlobalNorm.js'

/** Clips by the sum of absolute values. */
const clipByL1Norm = (most: number) => clipByGlobalNorm(most, { ord: 1 })

const aBound = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
const sumOf = (row: readonly number[]): number => row.reduce((sum, x) => sum + Math.abs(x), 0)

describe('clipByGlobalNorm by ord 1', () => {
  test('is g · min(1, c / Σ|g|), over all leaves', () => {
    fc.assert(
      fc.property(aBlockCourse(), aBound, (course, bound) =>
        expectBlockOracle(clipByL1Norm(bound), course, (steps) => {
          const { grads } = lastStep(steps)
          const length = sumOf(grads.flat())
          return grads.map((g) => g.map((x) => (length < bound ? x : (x * bound) / length)))
        })
      )
    )
  })

  test('leaves a sum of absolute values of at most the bound', () => {
    fc.assert(
      fc.property(aBlockCourse(), aBound, (course, bound) =>
        emittedBlocks(clipByL1Norm(bound), course).every((blocks) => sumOf(blocks.flat()) <= bound * (1 + 1e-14))
      )
    )
  })

  test('changes nothing where the sum is smaller, or just the bound, bit for bit', () => {
    fc.assert(fc.property(aBlockCourse(), (course) => expectSameBlocks(clipByL1Norm(1e6), identity(), course)))
    const params = { w: new Float32Array([3, -4]), b: -1 }
    expect(clipByL1Norm(8).update(params, {}, params)[0]).toStrictEqual(params)
  })

  test('twice is the tighter clip, up to rounding, so it is idempotent', () => {
    fc.assert(
      fc.property(aBlockCourse(), aBound, aBound, (course, a, b) =>
        expectSameBlocks(chain(clipByL1Norm(a), clipByL1Norm(b)), clipByL1Norm(Math.min(a, b)), course, 1e-14)
      )
    )
  })

  test('is clip for a single number, up to rounding', () => {
    const single = aCourse().map(({ params, gradients }) => ({
      params: params.slice(0, 1),
      gradients: gradients.map((row) => row.slice(0, 1))
    }))
    fc.assert(
      fc.property(single, aBound, (course, bound) => expectSame(clipByL1Norm(bound), clip(bound), course, 1e-15))
    )
  })

  test('leaves zeros and empty trees alone', () => {
    const zeros = { w: new Float32Array(2), none: [] }
    expect(clipByL1Norm(1).update(zeros, {}, zeros)[0]).toStrictEqual(zeros)
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(clipByL1Norm(0.5))
    expectFloat32InChain(clipByL1Norm(0.5))
  })

  test('is what the L1 norm of Optax makes of it', () => {
    expectBlockGolden(clipByL1Norm(2.5), [
      [
        0.11494252873563218, -0.45977011494252873, 0.6896551724137931, 0.28735632183908044, 0.1724137931034483,
        -0.028735632183908046, 0.05747126436781609, -0.22988505747126436, 0.11494252873563218, -0.3448275862068966
      ],
      [
        0.4838709677419355, 0.08064516129032258, -0.3225806451612903, 0.6451612903225806, -0.16129032258064516,
        0.564516129032258, 0, 0, 0, 0.24193548387096775
      ],
      [
        -0.16483516483516483, -0.43956043956043955, 0.027472527472527472, -0.21978021978021978, 0.6593406593406593,
        0.10989010989010989, -0.43956043956043955, 0.16483516483516483, 0.21978021978021978, 0.054945054945054944
      ],
      [
        0, 0.2564102564102564, 1.0256410256410255, -0.0641025641025641, 0.03205128205128205, 0.2564102564102564,
        0.3846153846153846, -0.3205128205128205, 0.03205128205128205, -0.1282051282051282
      ],
      [
        0.034482758620689655, -0.017241379310344827, 0.13793103448275862, 0.06896551724137931, -0.27586206896551724,
        0.41379310344827586, -0.034482758620689655, 0.27586206896551724, 0.13793103448275862, 1.103448275862069
      ]
    ])
  })

  refuses([
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got 0', () => clipByL1Norm(0)],
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got Infinity', () => clipByL1Norm(Infinity)],
    // @ts-expect-error -- the bound is required
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got undefined', () => clipByL1Norm()]
  ])
})
