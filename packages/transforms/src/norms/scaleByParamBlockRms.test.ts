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
import { scaleByParamBlockNorm } from './scaleByParamBlockNorm.js'
import { type ScaleByParamBlockRmsOptions, scaleByParamBlockRms } from './scaleByParamBlockRms.js'

const rmsOf = (p: readonly number[]): number => normOf(p) / Math.sqrt(p.length)
const aLeast = fc.constantFrom(0, 1e-3, 1, 100)

describe('scaleByParamBlockRms', () => {
  test('is g times the root mean square of the params of its leaf, or the minimum', () => {
    fc.assert(
      fc.property(aBlockCourse(), aLeast, (course, minScale) =>
        expectBlockOracle(
          scaleByParamBlockRms({ minScale }),
          course,
          eachBlock((g, p) => g.map((x) => x * Math.max(rmsOf(p), minScale)))
        )
      )
    )
  })

  test('is linear in the update, to the bit for powers of two', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(-2, 0.25, 8), (course, factor) =>
        expectSameBlocks(
          chain(scale(factor), scaleByParamBlockRms()),
          chain(scaleByParamBlockRms(), scale(factor)),
          course
        )
      )
    )
  })

  test('treats each leaf as if it were alone, and shows a NaN only where it is', () => {
    const params = { a: new Float64Array([5, -5]), b: new Float64Array([Number.NaN, 1]), c: -2 }
    const grads = { a: new Float64Array([1, 2]), b: new Float64Array([1, 2]), c: 3 }
    expect(scaleByParamBlockRms().update(grads, {}, params)[0]).toStrictEqual({
      a: new Float64Array([5, 10]),
      b: new Float64Array([Number.NaN, Number.NaN]),
      c: 6
    })
  })

  test('is, for numbers, scaleByParamBlockNorm', () => {
    fc.assert(
      fc.property(aBlockCourse(undefined, fc.constantFrom(null, [1], [1, 1])), (course) =>
        expectSameBlocks(scaleByParamBlockRms(), scaleByParamBlockNorm(), course)
      )
    )
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(scaleByParamBlockRms())
    expectFloat32InChain(scaleByParamBlockRms())
  })

  test('is what Optax gives', () => {
    expectBlockGolden(scaleByParamBlockRms(), [
      [
        0.8307250848907035, -3.322900339562814, 4.984350509344221, 2.076812712226759, 1.2460876273360553,
        -0.20768127122267588, 0.10974639325888269, -0.43898557303553076, 0.21949278651776538, -3
      ],
      [
        1.8998355191963328, 0.3166392531993888, -1.2665570127975552, 2.5331140255951103, -0.6332785063987776,
        2.2164747723957214, 0, 0, 0, 1.125
      ],
      [
        -0.00075, -0.002, 0.000125, -0.001, 0.003, 0.0005, -0.5253966755382704, 0.1970237533268514, 0.2626983377691352,
        0.00025
      ],
      [
        0, 1.0408329997330663, 4.163331998932265, -0.2602082499332666, 0.1301041249666333, 1.0408329997330663,
        1.021258414898012, -0.8510486790816767, 0.08510486790816767, -0.0005
      ],
      [
        0.07024012478781863, -0.035120062393909315, 0.2809604991512745, 0.14048024957563726, -0.561920998302549,
        0.8428814974538236, -0.05560978256266308, 0.44487826050130463, 0.22243913025065232, 2
      ]
    ])
    expectBlockGolden(scaleByParamBlockRms({ minScale: 0.5 }), [
      [
        0.8307250848907035, -3.322900339562814, 4.984350509344221, 2.076812712226759, 1.2460876273360553,
        -0.20768127122267588, 0.125, -0.5, 0.25, -3
      ],
      [
        1.8998355191963328, 0.3166392531993888, -1.2665570127975552, 2.5331140255951103, -0.6332785063987776,
        2.2164747723957214, 0, 0, 0, 1.125
      ],
      [-0.375, -1, 0.0625, -0.5, 1.5, 0.25, -1, 0.375, 0.5, 0.125],
      [
        0, 1.0408329997330663, 4.163331998932265, -0.2602082499332666, 0.1301041249666333, 1.0408329997330663,
        1.021258414898012, -0.8510486790816767, 0.08510486790816767, -0.25
      ],
      [
        0.07024012478781863, -0.035120062393909315, 0.2809604991512745, 0.14048024957563726, -0.561920998302549,
        0.8428814974538236, -0.05560978256266308, 0.44487826050130463, 0.22243913025065232, 2
      ]
    ])
  })

  const make = (options: object) => () => scaleByParamBlockRms(options as ScaleByParamBlockRmsOptions)
  refuses([
    ['scaleByParamBlockRms: minScale must be a finite number ≥ 0, got -1', make({ minScale: -1 })],
    ['scaleByParamBlockRms: minScale must be a finite number ≥ 0, got Infinity', make({ minScale: Infinity })],
    ['scaleByParamBlockRms: there is no option eps; there are minScale', make({ eps: 1 })],
    // @ts-expect-error -- the minimum is an option
    ['scaleByParamBlockRms: options must be an object, got 0.5', () => scaleByParamBlockRms(0.5)]
  ])
})
