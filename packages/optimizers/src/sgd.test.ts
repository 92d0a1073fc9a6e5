import { chain, identity } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aRate,
  expectGolden,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../../transforms/src/internal/testing/courses.js'
import { type SgdOptions, sgd } from './sgd.js'

describe('sgd', () => {
  test('is −α g', () => {
    fc.assert(fc.property(aCourse(), aRate, (course, rate) => expectOracle(sgd(rate), course, (h) => -rate * last(h))))
  })

  test('is −α times the decaying sum of past gradients, one step ahead when nesterov', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aDecay, fc.boolean(), (course, rate, momentum, nesterov) =>
        expectOracle(sgd(rate, { momentum, nesterov }), course, (history) => {
          const sum = history.reduce((total, g) => g + momentum * total, 0)
          return -rate * (nesterov ? last(history) + momentum * sum : sum)
        })
      )
    )
  })

  test('is trace, then scaleByLearningRate, which momentum 0 and no momentum are alike to', () => {
    const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
    fc.assert(
      fc.property(aCourse(), aDecay, fc.boolean(), (course, momentum, nesterov) => {
        expectSame(
          sgd(rate, { momentum, nesterov }),
          chain(trace(momentum, { nesterov }), scaleByLearningRate(rate)),
          course
        )
        expectSame(sgd(rate, { nesterov }), sgd(rate, { momentum: 0 }), course)
        expectSame(sgd(rate), chain(identity(), scaleByLearningRate(rate)), course)
      })
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) => expectSame(sgd(rate), sgd(constantSchedule(rate)), course))
    )
  })

  test('keeps no trace without momentum, so that a NaN is forgotten', () => {
    const tx = sgd(0.5)
    const params = { w: new Float32Array(1) }
    const state = tx.init(params)
    expect(state).toStrictEqual([{ trace: null }, { count: 0 }])
    const [poisoned, next] = tx.update({ w: Float32Array.of(Number.NaN) }, state, params)
    expect(poisoned.w[0]).toBeNaN()
    expect(tx.update({ w: Float32Array.of(4) }, structuredClone(next), params)).toStrictEqual([
      { w: Float32Array.of(-2) },
      [{ trace: null }, { count: 2 }]
    ])
  })

  test('refuses the state that was made with another momentum', () => {
    const params = { w: 1 }
    const state = sgd(0.5, { momentum: 0.9 }).init(params)
    expect(() => sgd(0.5).update(params, state, params)).toThrow('update: state[0].trace')
  })

  test('keeps its trace in the dtype asked for', () => {
    const tx = sgd(0.5, { momentum: 0.9, accumulatorDtype: 'float64' })
    expect(tx.init([new Float32Array(1)])).toStrictEqual([{ trace: [new Float64Array(1)] }, { count: 0 }])
  })

  test('is what Optax gives', () => {
    expectGolden(sgd(0.1, { momentum: 0.9 }), [
      [-0.05, 0.2, -0.3],
      [-0.195, 0.155, -0.17],
      [-0.1005, 0.3395, -0.1655],
      [-0.09045, 0.20555, -0.54895]
    ])
    expectGolden(sgd(0.1, { momentum: 0.9, nesterov: true }), [
      [-0.095, 0.38, -0.5700000000000001],
      [-0.3255, 0.1145, -0.053000000000000026],
      [-0.015449999999999998, 0.50555, -0.16145000000000004],
      [-0.081405, 0.084995, -0.8940550000000003]
    ])
  })

  const make = (options: object) => () => sgd(0.1, options as SgdOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => sgd(-1)],
    ['sgd: momentum must be in [0, 1], got 2', make({ momentum: 2 })],
    ['sgd: momentum must be in [0, 1], got null', make({ momentum: null })],
    ['trace: nesterov must be true or false, got 1', make({ nesterov: 1 })],
    ['sgd: there is no option decay; there are momentum, nesterov, accumulatorDtype', make({ decay: 0.9 })]
  ])
})
