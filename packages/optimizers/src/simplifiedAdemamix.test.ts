import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByLearningRate, scaleBySimplifiedAdemamix } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type SimplifiedAdemamixOptions, simplifiedAdemamix } from './simplifiedAdemamix.js'

const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })
const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  alpha: fc.constantFrom(0, 2, falling),
  eps: anEps,
  epsRoot: anEps,
  muDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  nuDtype: fc.constantFrom(undefined, 'float32' as const)
})

describe('simplifiedAdemamix', () => {
  test('is scaleBySimplifiedAdemamix, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          simplifiedAdemamix(falling, { ...options, weightDecay: falling, mask }),
          chain(scaleBySimplifiedAdemamix(options), addDecayedWeights(falling, { mask }), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(
          simplifiedAdemamix(0.1, { weightDecay }),
          simplifiedAdemamix(0.1, { weightDecay: constantSchedule(weightDecay) }),
          course
        )
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(
      simplifiedAdemamix(0.1, { b1: 0.99, b2: 0.95, alpha: 0, eps: 1e-8, epsRoot: 0, weightDecay: 0 }),
      simplifiedAdemamix(0.1),
      SIX
    )
  })

  aliasLaws(simplifiedAdemamix)

  const make = (options: object) => () => simplifiedAdemamix(0.1, options as SimplifiedAdemamixOptions)
  refuses([
    [
      'simplifiedAdemamix: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1',
      make({ weightDecay: -0.1 })
    ],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleBySimplifiedAdemamix: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'simplifiedAdemamix: there is no option nesterov; there are b1, b2, alpha, eps, epsRoot, muDtype, nuDtype, weightDecay, mask',
      make({ nesterov: true })
    ]
  ])
})
