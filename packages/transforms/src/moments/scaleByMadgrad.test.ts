import { chain, step } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBlockCourse, type BlockOracle, expectBlockOracle, expectSameBlocks } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { type ScaleByMadgradOptions, scaleByMadgrad } from './scaleByMadgrad.js'

const someOptions = fc.record({ momentum: fc.constantFrom(0, 0.5, 0.9), eps: fc.constantFrom(1e-6, 0.1) })
const falling = linearSchedule({ initValue: 0.5, endValue: 0.1, transitionSteps: 3 })

/** For each element what the definition says; `of` makes the update of z and p. */
const oracle =
  (eps: number, of: (z: number, p: number) => number): BlockOracle =>
  (steps, shapes) =>
    shapes.map((_, leaf) =>
      (steps[0]?.params[leaf] ?? []).map((start, i) => {
        const weighted = steps.map(({ grads }, t) => ({
          weight: (falling(t) + eps) * Math.sqrt(t + 1),
          g: grads[leaf]?.[i] as number
        }))
        const q = weighted.reduce((sum, { weight, g }) => sum + weight * g * g, 0)
        const s = weighted.reduce((sum, { weight, g }) => sum + weight * g, 0)
        return of(start - s / (Math.cbrt(q) + eps), steps[steps.length - 1]?.params[leaf]?.[i] as number)
      })
    )

describe('scaleByMadgrad', () => {
  test('is a share of the way to the first params less the weighted sum of gradients over the cubic root of squares', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, { momentum, eps }) =>
        expectBlockOracle(
          scaleByMadgrad(falling, { momentum, eps }),
          course,
          oracle(eps, (z, p) => (1 - momentum) * (z - p)),
          { sizes: oracle(eps, (z, p) => Math.abs(z) + Math.abs(p) + 1e3), in32: false }
        )
      )
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) =>
        expectSameBlocks(scaleByMadgrad(0.3), scaleByMadgrad(constantSchedule(0.3)), course)
      )
    )
  })

  test('stays where it is for gradients of zero, also when eps = 0', () => {
    const params = { w: new Float32Array([1, 2]), b: 3 }
    const tx = scaleByMadgrad(0, { eps: 0, momentum: 0 })
    const zeros = { w: new Float32Array(2), b: 0 }
    expect(tx.update(zeros, tx.init(params), params)[0]).toStrictEqual(zeros)
  })

  test('finds the minimum of a quadratic', () => {
    const tx = chain(scaleByMadgrad(0.1))
    let params = { x: new Float64Array([3, -2]) }
    let state = tx.init(params)
    for (let t = 0; t < 1000; t++) [params, state] = step(tx, { x: params.x.map((x) => 2 * x) }, state, params)
    for (const x of params.x) expect(Math.abs(x)).toBeLessThan(1e-2)
  })

  const make = (options: object) => () => scaleByMadgrad(0.1, options as ScaleByMadgradOptions)
  refuses([
    ['scaleByMadgrad: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scaleByMadgrad(-1)],
    ['scaleByMadgrad: momentum must be in [0, 1), got 1', make({ momentum: 1 })],
    ['scaleByMadgrad: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })]
  ])
})
