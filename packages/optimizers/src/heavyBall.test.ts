import { applyUpdates, chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectBlockGolden } from '../../transforms/src/internal/testing/blocks.js'
import {
  aCourse,
  aDecay,
  aRate,
  expectOracle,
  expectSame,
  refuses
} from '../../transforms/src/internal/testing/courses.js'
import { type HeavyBallOptions, heavyBall } from './heavyBall.js'
import { sgd } from './sgd.js'

const falling = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })

describe('heavyBall', () => {
  test('is −α g and β times the last step', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, momentum) =>
        expectOracle(
          heavyBall(falling, { momentum }),
          course,
          (history) => history.reduce((step, g, t) => momentum * step - falling(t) * g, 0),
          { scale: (absolute) => absolute.reduce((step, g, t) => momentum * step + falling(t) * g, 0) }
        )
      )
    )
  })

  test('moves params as Polyak wrote it: by −α g + β (θₜ₋₁ − θₜ₋₂)', () => {
    const rates = [0.1, 0.1, 0.01, 0.01, 0.5]
    const tx = heavyBall((t) => rates[t] ?? 0, { momentum: 0.9 })
    let params = { x: 1 }
    let state = tx.init(params)
    let [x, before] = [1, 1]
    for (const rate of rates) {
      ;[x, before] = [x - rate * 3 * x + 0.9 * (x - before), x]
      const [updates, next] = tx.update({ x: 3 * params.x }, state, params)
      params = applyUpdates(params, updates)
      state = next
      expect(params.x).toBeCloseTo(x, 14)
    }
  })

  test('is scaleByLearningRate, then trace, and sgd with the learning rate inside', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, momentum) => {
        const tx = heavyBall(falling, { momentum })
        expectSame(tx, chain(scaleByLearningRate(falling), trace(momentum)), course)
        expectSame(tx, sgd(falling, { momentum, lrPlacement: 'inside' }), course)
      })
    )
  })

  test('is sgd without momentum for β = 0, and takes a number for its constant schedule', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) => {
        expectSame(heavyBall(rate, { momentum: 0 }), sgd(rate), course)
        expectSame(heavyBall(rate), heavyBall(constantSchedule(rate)), course)
      })
    )
  })

  test('keeps the last step in the dtype asked for', () => {
    const tx = heavyBall(0.5, { accumulatorDtype: 'float64' })
    expect(tx.init([new Float32Array(1)])).toStrictEqual([{ count: 0 }, { count: 0, trace: [new Float64Array(1)] }])
  })

  test('is the chain that Optax gives', () => {
    expectBlockGolden(
      heavyBall((t) => 0.5 / (1 + t)),
      [
        [-0.25, 1, -1.5, -0.625, -0.375, 0.0625, -0.125, 0.5, -0.25, 0.75],
        [-0.6, 0.8375, -1.1, -1.0625, -0.21250000000000002, -0.38125, -0.1125, 0.45, -0.225, 0.48750000000000004],
        [
          -0.41500000000000004, 1.0870833333333334, -1.0108333333333335, -0.7895833333333334, -0.69125,
          -0.42645833333333333, 0.2320833333333333, 0.28, -0.36916666666666664, 0.39708333333333334
        ],
        [
          -0.37350000000000005, 0.8533750000000001, -1.4097500000000003, -0.6793750000000001, -0.63775, -0.5088125,
          0.021374999999999977, 0.40825000000000006, -0.347875, 0.419875
        ],
        [
          -0.34240000000000004, 0.7711625000000002, -1.2937750000000001, -0.6239375, -0.523975, -0.5329312500000001,
          0.025487499999999982, 0.31742500000000007, -0.33808750000000004, 0.17788749999999998
        ]
      ]
    )
  })

  const make = (options: object) => () => heavyBall(0.1, options as HeavyBallOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => heavyBall(-1)],
    ['heavyBall: momentum must be in [0, 1], got 2', make({ momentum: 2 })],
    ['heavyBall: there is no option nesterov; there are momentum, accumulatorDtype', make({ nesterov: true })]
  ])
})
