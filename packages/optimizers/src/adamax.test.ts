import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByAdamax, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type AdamaxOptions, adamax } from './adamax.js'

const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adamax', () => {
  test('is scaleByAdamax, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(adamax(falling, options), chain(scaleByAdamax(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(adamax(0.1), [
      [-0.09999999800000003, 0.0999999995, -0.09999999966666667],
      [-0.06842105217543862, 0.040830303784047214, -0.029854415719813388],
      [-0.0247479950627134, 0.06263837607057196, -0.020397478057817574],
      [-0.017569287798399728, 0.029915055935879176, -0.03990622263940281],
      [-0.01819082705359916, 0.02385601997375257, -0.014914122896177821],
      [0.00281923082163317, 0.011291280287058468, -0.01708908368145601]
    ])
  })

  aliasLaws(adamax)

  const make = (options: object) => () => adamax(0.1, options as AdamaxOptions)
  refuses([
    ['scaleByAdamax: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'adamax: there is no option weightDecay; there are b1, b2, eps, epsInMax, muDtype, nuDtype',
      make({ weightDecay: 0.1 })
    ]
  ])
})
