import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scale, scaleByDadaptAdamw } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type DadaptAdamwOptions, dadaptAdamw } from './dadaptAdamw.js'

const someOptions = fc.record({
  b1: fc.constantFrom(0, 0.5),
  b2: fc.constantFrom(0.5, 0.99),
  eps: fc.constantFrom(1e-8, 1),
  estimLr0: fc.constantFrom(1e-6, 1),
  weightDecay: fc.constantFrom(0, 0.5)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('dadaptAdamw', () => {
  test('is scaleByDadaptAdamw with the sign turned, and the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(dadaptAdamw(falling, options), chain(scaleByDadaptAdamw(falling, options), scale(-1)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(dadaptAdamw(1, { b1: 0.9, b2: 0.999, eps: 1e-8, estimLr0: 1e-6, weightDecay: 0 }), dadaptAdamw(), SIX)
  })

  aliasLaws(dadaptAdamw, 'scaleByDadaptAdamw')

  const make = (options: object) => () => dadaptAdamw(1, options as DadaptAdamwOptions)
  refuses([
    ['scaleByDadaptAdamw: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'dadaptAdamw: there is no option betas; there are b1, b2, eps, estimLr0, weightDecay',
      make({ betas: [0.9, 0.99] })
    ]
  ])
})
