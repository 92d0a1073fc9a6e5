import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  aShape,
  eachBlock,
  emittedBlocks,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { clipByGlobalNorm } from './clipByGlobalNorm.js'
import { clipByNorm } from './clipByNorm.js'

const aBound = fc.double({ min: 1e-3, max: 1e3, noNaN: true })

describe('clipByNorm', () => {
  test('is g · min(1, c / ‖g‖), leaf by leaf', () => {
    fc.assert(
      fc.property(aBlockCourse(), aBound, (course, bound) =>
        expectBlockOracle(
          clipByNorm(bound),
          course,
          eachBlock((g) => g.map((x) => (normOf(g) < bound ? x : (x * bound) / normOf(g))))
        )
      )
    )
  })

  test('leaves norms of at most the bound', () => {
    fc.assert(
      fc.property(aBlockCourse(), aBound, (course, bound) =>
        emittedBlocks(clipByNorm(bound), course).every((blocks) =>
          blocks.every((u) => normOf(u) <= bound * (1 + 1e-14))
        )
      )
    )
  })

  test('changes nothing where the norm is smaller, or just the bound, bit for bit', () => {
    fc.assert(fc.property(aBlockCourse(), (course) => expectSameBlocks(clipByNorm(1e5), identity(), course)))
    const params = { w: new Float32Array([3, -4]), b: -0.1 }
    expect(clipByNorm(5).update(params, {}, params)[0]).toStrictEqual(params)
  })

  test('twice is the tighter clip, up to rounding, so it is idempotent', () => {
    fc.assert(
      fc.property(aBlockCourse(), aBound, aBound, (course, a, b) =>
        expectSameBlocks(chain(clipByNorm(a), clipByNorm(b)), clipByNorm(Math.min(a, b)), course, 1e-14)
      )
    )
  })

  test('is clipByGlobalNorm on a single leaf, to the bit', () => {
    const single = aShape.chain((shape) => aBlockCourse(undefined, fc.constant(shape)))
    fc.assert(
      fc.property(single, aBound, ({ shapes, steps }, bound) => {
        const first = steps.map((s) => ({ ...s, params: s.params.slice(0, 1), grads: s.grads.slice(0, 1) }))
        expectSameBlocks(clipByNorm(bound), clipByGlobalNorm(bound), { shapes: shapes.slice(0, 1), steps: first })
      })
    )
  })

  test('keeps NaN and infinities in their leaf', () => {
    const grads = { nan: new Float64Array([Number.NaN, 1]), inf: new Float64Array([Infinity, 1]), b: 3 }
    expect(clipByNorm(1).update(grads, {}, grads)[0]).toStrictEqual({
      nan: new Float64Array([Number.NaN, Number.NaN]),
      inf: new Float64Array([Number.NaN, 0]),
      b: 1
    })
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(clipByNorm(0.5))
    expectFloat32InChain(clipByNorm(0.5))
  })

  test('is what Optax gives when each leaf is a part of its own', () => {
    expectBlockGolden(clipByNorm(1.25), [
      [
        0.15931324696929153, -0.6372529878771661, 0.9558794818157492, 0.3982831174232288, 0.2389698704539373,
        -0.03982831174232288, 0.25, -1, 0.5, -1.25
      ],
      [
        0.5752237416355278, 0.0958706236059213, -0.3834824944236852, 0.7669649888473704, -0.1917412472118426,
        0.671094365241449, 0, 0, 0, 0.75
      ],
      [
        -0.2434603024354483, -0.6492274731611956, 0.04057671707257472, -0.3246137365805978, 0.9738412097417932,
        0.1623068682902989, -1.05999788000636, 0.397499205002385, 0.52999894000318, 0.25
      ],
      [
        0, 0.29399051601892734, 1.1759620640757094, -0.07349762900473183, 0.03674881450236592, 0.29399051601892734,
        0.9583148474999098, -0.7985957062499249, 0.07985957062499249, -0.5
      ],
      [0.0625, -0.03125, 0.25, 0.125, -0.5, 0.75, -0.0625, 0.5, 0.25, 1.25]
    ])
  })

  refuses([
    ['clipByNorm: maxNorm must be a finite number > 0, got 0', () => clipByNorm(0)],
    ['clipByNorm: maxNorm must be a finite number > 0, got NaN', () => clipByNorm(Number.NaN)],
    // @ts-expect-error -- the bound is required
    ['clipByNorm: maxNorm must be a finite number > 0, got undefined', () => clipByNorm()]
  ])
})
