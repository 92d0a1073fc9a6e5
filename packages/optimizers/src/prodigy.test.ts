import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scale, scaleByProdigy } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type ProdigyOptions, prodigy } from './prodigy.js'

const someOptions = fc.record({
  b1: fc.constantFrom(0, 0.5),
  b2: fc.constantFrom(0.5, 0.99),
  b3: fc.constantFrom(undefined, 0.5),
  eps: fc.constantFrom(1e-8, 1),
  estimLr0: fc.constantFrom(1e-6, 1),
  estimLrCoef: fc.constantFrom(0.5, 1),
  weightDecay: fc.constantFrom(0, 0.5),
  safeguardWarmup: fc.boolean()
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('prodigy', () => {
  test('is scaleByProdigy with the sign turned, and the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(prodigy(falling, options), chain(scaleByProdigy(falling, options), scale(-1)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(
      prodigy(1, {
        b1: 0.9,
        b2: 0.999,
        eps: 1e-8,
        estimLr0: 1e-6,
        estimLrCoef: 1,
        weightDecay: 0,
        weightDecayMask: true,
        safeguardWarmup: false
      }),
      prodigy(),
      SIX
    )
  })

  aliasLaws(prodigy, 'scaleByProdigy')

  const make = (options: object) => () => prodigy(1, options as ProdigyOptions)
  refuses([
    ['scaleByProdigy: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'prodigy: there is no option betas; there are b1, b2, b3, eps, estimLr0, estimLrCoef, weightDecay, weightDecayMask, safeguardWarmup',
      make({ betas: [0.9, 0.99] })
    ]
  ])
})
