import { chain, identity } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aDyadic,
  aRate,
  emitted,
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
    expect(state).toStrictEqual([{ count: 0, trace: null }, { count: 0 }])
    const [poisoned, next] = tx.update({ w: Float32Array.of(Number.NaN) }, state, params)
    expect(poisoned.w[0]).toBeNaN()
    expect(tx.update({ w: Float32Array.of(4) }, structuredClone(next), params)).toStrictEqual([
      { w: Float32Array.of(-2) },
      [{ count: 0, trace: null }, { count: 2 }]
    ])
  })

  test('refuses the state that was made with another momentum', () => {
    const params = { w: 1 }
    const state = sgd(0.5, { momentum: 0.9 }).init(params)
    expect(() => sgd(0.5).update(params, state, params)).toThrow('update: state[0].trace')
  })

  test('keeps its trace in the dtype asked for', () => {
    const tx = sgd(0.5, { momentum: 0.9, accumulatorDtype: 'float64' })
    expect(tx.init([new Float32Array(1)])).toStrictEqual([{ count: 0, trace: [new Float64Array(1)] }, { count: 0 }])
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

  test('is what PyTorch gives with dampening, which leaves the first gradient whole', () => {
    // torch 2.13, torch.optim.SGD(lr=0.1, momentum=0.9, dampening=0.4), float64: the differences of the params.
    expectGolden(sgd(0.1, { momentum: 0.9, dampening: 0.4 }), [
      [-0.050000000000000044, 0.19999999999999996, -0.30000000000000004],
      [-0.135, 0.16500000000000004, -0.21000000000000002],
      [-0.07650000000000001, 0.26849999999999996, -0.1965],
      [-0.06884999999999997, 0.1816500000000001, -0.41685000000000005]
    ])
  })

  test('is scaleByLearningRate, then trace, when the learning rate is inside', () => {
    const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
    fc.assert(
      fc.property(aCourse(), aDecay, fc.boolean(), (course, momentum, nesterov) =>
        expectSame(
          sgd(rate, { momentum, nesterov, lrPlacement: 'inside' }),
          chain(scaleByLearningRate(rate), trace(momentum, { nesterov })),
          course
        )
      )
    )
  })

  test('is, with the learning rate inside, the decaying sum of past steps, each with the rate it was taken with', () => {
    const rate = (t: number) => 1 / (t + 1)
    fc.assert(
      fc.property(aCourse(), aDecay, (course, momentum) =>
        expectOracle(
          sgd(rate, { momentum, lrPlacement: 'inside' }),
          course,
          (history) => history.reduce((total, g, t) => momentum * total - rate(t) * g, 0),
          { scale: (absolute) => absolute.reduce((total, g, t) => momentum * total + rate(t) * g, 0) }
        )
      )
    )
  })

  test('has the numbers of both placements that the seeds dispute', () => {
    // shared/data/disputed_formulas.json: the rate falls from 0.1 to 0.01 at the third step.
    const course = {
      params: [1, -1],
      gradients: [
        [1, -2],
        [0.5, -1],
        [-0.25, 4],
        [2, 0.125],
        [0, 1]
      ]
    }
    const rate = (t: number) => (t < 2 ? 0.1 : 0.01)
    const pathOf = (lrPlacement: 'outside' | 'inside') => {
      let at = course.params
      return emitted(sgd(rate, { momentum: 0.9, lrPlacement }), course).map((row) => {
        at = row.map((u, i) => u + (at[i] as number))
        return at.map((x) => Number(x.toFixed(9)))
      })
    }
    expect(pathOf('outside')).toStrictEqual([
      [0.9, -0.8],
      [0.76, -0.52],
      [0.7499, -0.5348],
      [0.72081, -0.54937],
      [0.694629, -0.572483]
    ])
    expect(pathOf('inside')).toStrictEqual([
      [0.9, -0.8],
      [0.76, -0.52],
      [0.6365, -0.308],
      [0.50535, -0.11845],
      [0.387315, 0.042145]
    ])
  })

  test('does not care where a constant learning rate is placed, up to rounding', () => {
    fc.assert(
      fc.property(
        aCourse(aDyadic),
        fc.constantFrom(0.25, 0.5, 1, 2),
        fc.constantFrom(0, 0.5, 1),
        (course, rate, momentum) =>
          expectSame(sgd(rate, { momentum, lrPlacement: 'inside' }), sgd(rate, { momentum }), course)
      )
    )
  })

  test('has one form of state wherever the learning rate is', () => {
    const params = { w: 0 }
    const inside = sgd(0.5, { momentum: 0.5, lrPlacement: 'inside' })
    expect(inside.update({ w: 2 }, sgd(0.5, { momentum: 0.5 }).init(params), params)).toStrictEqual([
      { w: -1 },
      [{ count: 1, trace: { w: -1 } }, { count: 1 }]
    ])
  })

  const make = (options: object) => () => sgd(0.1, options as SgdOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => sgd(-1)],
    ['sgd: momentum must be in [0, 1], got 2', make({ momentum: 2 })],
    ['sgd: momentum must be in [0, 1], got null', make({ momentum: null })],
    ['trace: nesterov must be true or false, got 1', make({ nesterov: 1 })],
    ['trace: dampening must be in [0, 1], got -1', make({ dampening: -1 })],
    ['trace: dampening must be 0 with nesterov, got 0.5', make({ momentum: 0.9, dampening: 0.5, nesterov: true })],
    ['sgd: lrPlacement must be one of "outside", "inside", got "within"', make({ lrPlacement: 'within' })],
    [
      'sgd: there is no option decay; there are momentum, nesterov, dampening, lrPlacement, accumulatorDtype',
      make({ decay: 0.9 })
    ]
  ])
})
