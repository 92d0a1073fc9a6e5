import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  eachBlock,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByParamBlockNormOptions, scaleByParamBlockNorm } from './scaleByParamBlockNorm.js'

const aLeast = fc.constantFrom(0, 1e-3, 1, 100)

describe('scaleByParamBlockNorm', () => {
  test('is g times the norm of the params of its leaf, or the minimum', () => {
    fc.assert(
      fc.property(aBlockCourse(), aLeast, (course, minScale) =>
        expectBlockOracle(
          scaleByParamBlockNorm({ minScale }),
          course,
          eachBlock((g, p) => g.map((x) => x * Math.max(normOf(p), minScale)))
        )
      )
    )
  })

  test('is linear in the update, to the bit for powers of two', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(-2, 0.25, 8), (course, factor) =>
        expectSameBlocks(
          chain(scale(factor), scaleByParamBlockNorm()),
          chain(scaleByParamBlockNorm(), scale(factor)),
          course
        )
      )
    )
  })

  test('treats each leaf as if it were alone, and shows a NaN only where it is', () => {
    const params = { a: new Float64Array([3, 4]), b: new Float64Array([Number.NaN, 1]), c: -2 }
    const grads = { a: new Float64Array([1, 2]), b: new Float64Array([1, 2]), c: 3 }
    expect(scaleByParamBlockNorm().update(grads, {}, params)[0]).toStrictEqual({
      a: new Float64Array([5, 10]),
      b: new Float64Array([Number.NaN, Number.NaN]),
      c: 6
    })
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(scaleByParamBlockNorm())
    expectFloat32InChain(scaleByParamBlockNorm())
  })

  test('is what Optax gives', () => {
    expectBlockGolden(scaleByParamBlockNorm(), [
      [
        2.0348525745124633, -8.139410298049853, 12.20911544707478, 5.087131436281158, 3.052278861768695,
        -0.5087131436281158, 0.19008632907181935, -0.7603453162872774, 0.3801726581436387, -3
      ],
      [
        4.653627617246571, 0.7756046028744286, -3.1024184114977142, 6.2048368229954285, -1.5512092057488571,
        5.4292322201209995, 0, 0, 0, 1.125
      ],
      [
        -0.00075, -0.002, 0.000125, -0.001, 0.003, 0.0005, -0.9100137361600648, 0.3412551510600243, 0.4550068680800324,
        0.00025
      ],
      [
        0, 2.5495097567963922, 10.198039027185569, -0.6373774391990981, 0.31868871959954903, 2.5495097567963922,
        1.7688714622606132, -1.4740595518838442, 0.14740595518838442, -0.0005
      ],
      [
        0.17205246519957218, -0.08602623259978609, 0.6882098607982887, 0.34410493039914436, -1.3764197215965774,
        2.064629582394866, -0.09631896879639025, 0.770551750371122, 0.385275875185561, 2
      ]
    ])
    expectBlockGolden(scaleByParamBlockNorm({ minScale: 0.5 }), [
      [
        2.0348525745124633, -8.139410298049853, 12.20911544707478, 5.087131436281158, 3.052278861768695,
        -0.5087131436281158, 0.19008632907181935, -0.7603453162872774, 0.3801726581436387, -3
      ],
      [
        4.653627617246571, 0.7756046028744286, -3.1024184114977142, 6.2048368229954285, -1.5512092057488571,
        5.4292322201209995, 0, 0, 0, 1.125
      ],
      [-0.375, -1, 0.0625, -0.5, 1.5, 0.25, -1, 0.375, 0.5, 0.125],
      [
        0, 2.5495097567963922, 10.198039027185569, -0.6373774391990981, 0.31868871959954903, 2.5495097567963922,
        1.7688714622606132, -1.4740595518838442, 0.14740595518838442, -0.25
      ],
      [
        0.17205246519957218, -0.08602623259978609, 0.6882098607982887, 0.34410493039914436, -1.3764197215965774,
        2.064629582394866, -0.09631896879639025, 0.770551750371122, 0.385275875185561, 2
      ]
    ])
  })

  const make = (options: object) => () => scaleByParamBlockNorm(options as ScaleByParamBlockNormOptions)
  refuses([
    ['scaleByParamBlockNorm: minScale must be a finite number ≥ 0, got -1', make({ minScale: -1 })],
    ['scaleByParamBlockNorm: minScale must be a finite number ≥ 0, got Infinity', make({ minScale: Infinity })],
    ['scaleByParamBlockNorm: there is no option eps; there are minScale', make({ eps: 1 })],
    // @ts-expect-error -- the minimum is an option
    ['scaleByParamBlockNorm: options must be an object, got 0.5', () => scaleByParamBlockNorm(0.5)]
  ])
})
