import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByAdanorm, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type AdanormOptions, adanorm } from './adanorm.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  gamma: aDecay,
  eps: anEps,
  muDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  nuDtype: fc.constantFrom(undefined, 'float32' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adanorm', () => {
  test('is scaleByAdanorm, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          adanorm(falling, { ...options, weightDecay: falling, mask }),
          chain(scaleByAdanorm(options), addDecayedWeights(falling, { mask }), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(adanorm(0.1, { weightDecay }), adanorm(0.1, { weightDecay: constantSchedule(weightDecay) }), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(adanorm(0.1, { b1: 0.9, b2: 0.999, gamma: 0.95, eps: 1e-8, weightDecay: 0 }), adanorm(0.1), SIX)
  })

  aliasLaws(adanorm)

  const make = (options: object) => () => adanorm(0.1, options as AdanormOptions)
  refuses([
    ['adanorm: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByAdanorm: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'adanorm: there is no option nesterov; there are b1, b2, gamma, eps, muDtype, nuDtype, weightDecay, mask',
      make({ nesterov: true })
    ]
  ])
})
