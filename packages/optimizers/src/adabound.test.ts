import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scale, scaleByAdabound, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type AdaboundOptions, adabound } from './adabound.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  finalScale: fc.constantFrom(0.5, 10),
  gamma: fc.constantFrom(0.1, 2)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adabound', () => {
  test('is scaleByAdabound, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(adabound(falling, options), chain(scaleByAdabound(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  // Not a package any more: the formulas of the authors' class, run in PyTorch, with lr = 1e-3 and final_lr = 0.1.
  test("is what the authors' code gives", () => {
    // So large that what Adam multiplies by would be below the lower bound.
    expectSix(chain(scale(100), adabound(1e-3)), [
      [-0.0009999999936754448, 0.0019980019980017083, -0.002997002997002562],
      [-0.0038922155688623774, 0.003093812375249582, -0.00339321357285438],
      [-0.003005982053838345, 0.010154536390827047, -0.004950149551345732],
      [-0.003603585657370515, 0.00818924302788844, -0.021870517928286832],
      [-0.005542537313432686, 0.009701243781094267, -0.012142039800994696],
      [0.001177067594433391, 0.0062919781312126884, -0.019064582504970066]
    ])
    expectSix(adabound(1e-3), [
      [-0.000999999367544868, 0.0009999998418861423, -0.000999999894590756],
      [-0.0009177809354149322, 0.0005725344858577318, -0.00040021853191454944],
      [-0.0003670262672297245, 0.0007641808803065652, -0.0003343837868509292],
      [-0.0003006455852344672, 0.0003971475836748609, -0.0006257916893418342],
      [-0.0003427479187905166, 0.0003536300433529279, -0.00023457089902347142],
      [4.814604416738356e-5, 0.00017844108257826228, -0.00028974406062349633]
    ])
  })

  aliasLaws(adabound)

  const make = (options: object) => () => adabound(0.1, options as AdaboundOptions)
  refuses([
    ['scaleByAdabound: gamma must be a finite number > 0, got 0', make({ gamma: 0 })],
    [
      'adabound: there is no option finalLr; there are b1, b2, eps, finalScale, gamma, muDtype, nuDtype',
      make({ finalLr: 0.1 })
    ]
  ])
})
