import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByYogi } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type YogiOptions, yogi } from './yogi.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  initialAccumulatorValue: fc.constantFrom(0, 3)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('yogi', () => {
  test('is scaleByYogi, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(yogi(falling, options), chain(scaleByYogi(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(yogi(0.1), [
      [-0.09960358447186042, 0.09993709009934884, -0.09996142626626048],
      [-0.09167359634876836, 0.05717781984698361, -0.03998415776626984],
      [-0.0366441860924464, 0.07632846284832265, -0.03338688221532927],
      [-0.029997098585064615, 0.03965080378087677, -0.0625186761165367],
      [-0.034178326763179036, 0.03528572021253344, -0.023427580075396255],
      [0.004802171317374108, 0.01779706576400347, -0.028923758568585062]
    ])
  })

  aliasLaws(yogi)

  const make = (options: object) => () => yogi(0.1, options as YogiOptions)
  refuses([
    ['scaleByYogi: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    [
      'yogi: there is no option nesterov; there are b1, b2, eps, epsRoot, initialAccumulatorValue, muDtype, nuDtype',
      make({ nesterov: 0.1 })
    ]
  ])
})
