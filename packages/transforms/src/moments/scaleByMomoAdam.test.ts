import { chain, definitionOf, step, transformation } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, expectSame, refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByMomoAdamOptions, type ScaleByMomoAdamState, scaleByMomoAdam } from './scaleByMomoAdam.js'

/** With a loss that is out of reach. */
const farAway = (options: ScaleByMomoAdamOptions) => {
  const { init, update } = definitionOf('farAway', scaleByMomoAdam(0.5, options))
  return transformation<ScaleByMomoAdamState>({
    init,
    update: (updates, state, params) => update(updates, state, params, { value: 1e30 })
  })
}

describe('scaleByMomoAdam', () => {
  test('is scaleByAdam times the learning rate where the loss is out of reach', () => {
    fc.assert(
      fc.property(aCourse(), fc.constantFrom(0, 0.5, 0.9), (course, b1) =>
        // Both means are made up for their starts at other places. What is too small to count gets no step: n ≤ 2⁻⁵².
        expectSame(
          farAway({ b1 }),
          chain(scaleByAdam({ b1 }), scale(0.5)),
          { params: course.params, gradients: course.gradients.map((row) => row.map((g) => g || 1)) },
          1e-11
        )
      )
    )
  })

  test('finds the minimum of a quadratic that it knows the value of', () => {
    const tx = chain(scaleByMomoAdam(1), scale(-1))
    let params = { x: 3 }
    let state = tx.init(params)
    for (let t = 0; t < 200; t++) {
      ;[params, state] = step(tx, { x: params.x }, state, params, { value: params.x ** 2 / 2 })
    }
    expect(Math.abs(params.x)).toBeLessThan(1e-2)
  })

  const make = (options: object) => () => scaleByMomoAdam(1, options as ScaleByMomoAdamOptions)
  refuses([
    ['scaleByMomoAdam: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scaleByMomoAdam(-1)],
    ['scaleByMomoAdam: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByMomoAdam: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByMomoAdam: lowerBound must be a finite number, got NaN', make({ lowerBound: Number.NaN })],
    ['scaleByMomoAdam: weightDecay must be a finite number ≥ 0, got -1', make({ weightDecay: -1 })],
    ['scaleByMomoAdam: adaptLowerBound must be true or false, got 1', make({ adaptLowerBound: 1 })]
  ])
})
