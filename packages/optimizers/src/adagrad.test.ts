import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByRss } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type AdagradOptions, adagrad } from './adagrad.js'

const someOptions = fc.record({ initialAccumulatorValue: fc.constantFrom(0, 3), eps: anEps, epsInSqrt: fc.boolean() })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adagrad', () => {
  test('is scaleByRss, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(adagrad(falling, options), chain(scaleByRss(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(adagrad(0.1), [
      [-0.08451541339922204, 0.0987729584604107, -0.09944903107334616],
      [-0.09302604915294388, -0.012253576887706685, 0.03146583862060615],
      [0.04217411611688056, 0.07000328105192063, -0.003930190941401096],
      [0, -0.03303642190466413, -0.07827260332484864],
      [-0.01663460893432248, 0.0033018408587324696, 0.04394384043433154],
      [0.05539608854542552, -0.022519216917693444, -0.017312124519313892]
    ])
  })

  aliasLaws(adagrad)

  const make = (options: object) => () => adagrad(0.1, options as AdagradOptions)
  refuses([
    ['scaleByRss: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    [
      'adagrad: there is no option lrDecay; there are initialAccumulatorValue, eps, epsInSqrt, accumulatorDtype',
      make({ lrDecay: 0.1 })
    ]
  ])
})
