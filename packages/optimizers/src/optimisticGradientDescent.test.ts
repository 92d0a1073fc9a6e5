import { chain, type GradientTransformation, step } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByOptimisticGradient } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type OptimisticGradientDescentOptions, optimisticGradientDescent } from './optimisticGradientDescent.js'
import { sgd } from './sgd.js'

const someOptions = fc.record({ alpha: fc.constantFrom(1, -0.5, 2), beta: fc.constantFrom(1, -0.5, 2) })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('optimisticGradientDescent', () => {
  test('is scaleByOptimisticGradient, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(
          optimisticGradientDescent(falling, options),
          chain(scaleByOptimisticGradient(options), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('is sgd with alpha 1 and beta 0', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(optimisticGradientDescent(falling, { beta: 0 }), sgd(falling), course)
      )
    )
  })

  test('converges in the game min over x, max over y of x y, where sgd circles outwards', () => {
    const play = <S>(tx: GradientTransformation<S>): number => {
      let params = { x: 1, y: 1 }
      let state = tx.init(params)
      for (let t = 0; t < 500; t++) [params, state] = step(tx, { x: params.y, y: -params.x }, state, params)
      return Math.hypot(params.x, params.y)
    }
    expect(play(optimisticGradientDescent(0.3))).toBeLessThan(1e-6)
    expect(play(sgd(0.3))).toBeGreaterThan(1e6)
  })

  test('is what Optax gives', () => {
    expectSix(optimisticGradientDescent(0.1), [
      [-0.05, 0.2, -0.30000000000000004],
      [-0.25, -0.25, 0.5],
      [0.30000000000000004, 0.42500000000000004, -0.125],
      [-0.07500000000000001, -0.4, -0.7875000000000001],
      [-0.06, 0.12, 0.9],
      [0.26999999999999996, -0.15000000000000002, -0.45]
    ])
  })

  aliasLaws(optimisticGradientDescent)

  const make = (options: object) => () => optimisticGradientDescent(0.1, options as OptimisticGradientDescentOptions)
  refuses([
    ['scaleByOptimisticGradient: alpha must be a finite number or a schedule, got NaN', make({ alpha: Number.NaN })],
    [
      'optimisticGradientDescent: there is no option optimism; there are alpha, beta, accumulatorDtype',
      make({ optimism: 0.1 })
    ]
  ])
})
