import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByAmsgrad, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type AmsgradOptions, amsgrad } from './amsgrad.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  biasCorrectionMu: fc.boolean(),
  maxOn: fc.constantFrom('corrected', 'raw'),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('amsgrad', () => {
  test('is scaleByAmsgrad, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(amsgrad(falling, options), chain(scaleByAmsgrad(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(amsgrad(0.1), [
      [-0.09999999800000003, 0.0999999995, -0.09999999966666667],
      [-0.09177811107730564, 0.04078947348026317, -0.029824561304093573],
      [-0.03316308129475165, 0.06263837607057196, -0.020356703499179996],
      [-0.023519847420150994, 0.029885140879943296, -0.05320829680819683],
      [-0.024327544529675862, 0.02380833178982504, -0.01986561168115418],
      [0.00376653453894536, 0.011257440308746872, -0.022739896785285794]
    ])
  })

  aliasLaws(amsgrad)

  const make = (options: object) => () => amsgrad(0.1, options as AmsgradOptions)
  refuses([
    ['scaleByAmsgrad: maxOn must be one of "corrected", "raw", got 1', make({ maxOn: 1 })],
    [
      'amsgrad: there is no option nesterov; there are b1, b2, eps, epsRoot, muDtype, nuDtype, biasCorrectionMu, biasCorrectionNu, maxOn, epsPlacement, power',
      make({ nesterov: 0.1 })
    ]
  ])
})
