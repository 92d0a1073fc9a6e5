import { chain, step } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBlockCourse, expectSameBlocks } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { scale } from './scale.js'
import { type ScaleByMomoOptions, scaleByMomo } from './scaleByMomo.js'
import { scaleByPolyak } from './scaleByPolyak.js'

describe('scaleByMomo', () => {
  test('is scaleByPolyak without its memory, up to rounding, for losses that are not below the bound', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(0.01, 1, 100), (course, rate) =>
        // What the model adds and takes off again, ⟨g, p⟩, is up to 10⁸ times as large as the loss.
        expectSameBlocks(
          scaleByMomo(rate, { beta: 0, lowerBound: -11 }),
          scaleByPolyak({ maxLearningRate: rate, fMin: -11 }),
          course,
          1e-6
        )
      )
    )
  })

  test('goes to the minimum of |x| in one step, however long', () => {
    const tx = chain(scaleByMomo(1e6), scale(-1))
    const params = { x: 30 }
    expect(step(tx, { x: 1 }, tx.init(params), params, { value: 30 })[0]).toStrictEqual({ x: 0 })
  })

  test('learns a lower bound that it was told too low', () => {
    // f = 5 + x² / 2
    const tx = chain(scaleByMomo(1, { lowerBound: -100, adaptLowerBound: true }), scale(-1))
    let params = { x: 3 }
    let state = tx.init(params)
    for (let t = 0; t < 300; t++) {
      ;[params, state] = step(tx, { x: params.x }, state, params, { value: 5 + params.x ** 2 / 2 })
    }
    expect(state[0].lb as number).toBeGreaterThan(0)
    expect(Math.abs(params.x)).toBeLessThan(0.1)
  })

  test('takes no step where the mean gradient is zero', () => {
    const tx = scaleByMomo(1)
    const params = { w: new Float32Array([1, 2]) }
    const zeros = { w: new Float32Array(2) }
    expect(tx.update(zeros, tx.init(params), params, { value: 3 })[0]).toStrictEqual(zeros)
  })

  const make = (options: object) => () => scaleByMomo(1, options as ScaleByMomoOptions)
  refuses([
    ['scaleByMomo: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scaleByMomo(-1)],
    ['scaleByMomo: beta must be in [0, 1), got 1', make({ beta: 1 })],
    ['scaleByMomo: lowerBound must be a finite number, got Infinity', make({ lowerBound: Infinity })],
    ['scaleByMomo: weightDecay must be a finite number ≥ 0, got -1', make({ weightDecay: -1 })],
    ['scaleByMomo: adaptLowerBound must be true or false, got 1', make({ adaptLowerBound: 1 })],
    [
      'scaleByMomo: value must be a number, got undefined',
      () => {
        const tx = scaleByMomo()
        // @ts-expect-error -- the value of the loss is missing
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ]
  ])
})
