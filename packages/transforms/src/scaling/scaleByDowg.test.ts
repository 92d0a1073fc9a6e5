import { chain, step } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  type BlockOracle,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { scale } from './scale.js'
import { type ScaleByDowgOptions, scaleByDowg } from './scaleByDowg.js'

const someOptions = fc.record({
  initEstimSqDist: fc.constantFrom(1e-6, 0.25, 9),
  eps: fc.constantFrom(0, 1e-4, 1)
})

const oracle =
  (initEstimSqDist: number, eps: number): BlockOracle =>
  (steps) => {
    const start = steps[0]?.params.flat() ?? []
    let [squaredDistance, sum] = [initEstimSqDist, 0]
    for (const { params, grads } of steps) {
      const way = params.flat().map((x, k) => x - (start[k] as number))
      squaredDistance = Math.max(squaredDistance, normOf(way) ** 2)
      sum += squaredDistance * normOf(grads.flat()) ** 2
    }
    const factor = squaredDistance / (Math.sqrt(sum) + eps)
    return (steps[steps.length - 1]?.grads ?? []).map((block) => block.map((g) => (g === 0 ? 0 : factor * g)))
  }

describe('scaleByDowg', () => {
  test('is g times the largest squared distance over the root of the squares, weighed by those distances', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, { initEstimSqDist, eps }) =>
        expectBlockOracle(scaleByDowg({ initEstimSqDist, eps }), course, oracle(initEstimSqDist, eps))
      )
    )
  })

  test('begins with the distance √eps when none is given', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(1e-4, 0.5), (course, eps) =>
        expectSameBlocks(scaleByDowg({ eps }), scaleByDowg({ initEstimSqDist: eps, eps }), course)
      )
    )
  })

  test('is odd in the gradients', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectSameBlocks(chain(scale(-1), scaleByDowg(options)), chain(scaleByDowg(options), scale(-1)), course)
      )
    )
  })

  test('gives zeros for gradients that have always been zero, also when eps = 0', () => {
    const tx = scaleByDowg({ initEstimSqDist: 1, eps: 0 })
    const params = { w: new Float32Array([1, 2]), b: 3 }
    const zeros = { w: new Float32Array(2), b: 0 }
    expect(tx.update(zeros, tx.init(params), params)[0]).toStrictEqual(zeros)
  })

  test('comes near the minimum of a quadratic without a learning rate', () => {
    const tx = chain(scaleByDowg(), scale(-1))
    let params = { x: new Float64Array([3, -2]) }
    let state = tx.init(params)
    for (let t = 0; t < 3000; t++) [params, state] = step(tx, { x: params.x.map((x) => 2 * x) }, state, params)
    expect(normOf([...params.x])).toBeLessThan(1e-3)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByDowg())
    expectFloat32InChain(scaleByDowg())
  })

  const make = (options: object) => () => scaleByDowg(options as ScaleByDowgOptions)
  refuses([
    ['scaleByDowg: initEstimSqDist must be a finite number > 0, got -1', make({ initEstimSqDist: -1 })],
    ['scaleByDowg: initEstimSqDist must be a finite number > 0, got 0', make({ eps: 0 })],
    ['scaleByDowg: eps must be a finite number ≥ 0, got NaN', make({ eps: Number.NaN })]
  ])
})
