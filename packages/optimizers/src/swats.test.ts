import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scale, scaleBySwats } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type SwatsOptions, swats } from './swats.js'

const someOptions = fc.record({
  b1: fc.constantFrom(0, 0.5),
  b2: fc.constantFrom(0.5, 0.99),
  eps: fc.constantFrom(1e-9, 1),
  tolerance: fc.constantFrom(1e-9, 1)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('swats', () => {
  test('is scaleBySwats with the sign turned, and the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(swats(falling, options), chain(scaleBySwats(falling, options), scale(-1)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(swats(1e-3, { b1: 0.9, b2: 0.999, eps: 1e-9, tolerance: 1e-9 }), swats(), SIX)
  })

  aliasLaws(swats, 'scaleBySwats')

  const make = (options: object) => () => swats(1, options as SwatsOptions)
  refuses([
    ['scaleBySwats: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['swats: there is no option betas; there are b1, b2, eps, tolerance', make({ betas: [0.9, 0.99] })]
  ])
})
