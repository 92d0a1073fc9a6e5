import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByAdopt, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type AdoptOptions, adopt } from './adopt.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: fc.constantFrom(1e-6, 1),
  nesterov: fc.boolean(),
  useClipping: fc.boolean(),
  clipValueFn: fc.constantFrom(undefined, (step: number) => step / 2),
  muDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  nuDtype: fc.constantFrom(undefined, 'float32' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adopt', () => {
  test('is scaleByAdopt and scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(adopt(falling, options), chain(scaleByAdopt(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.9, b2: 0.9999, eps: 1e-6, nesterov: false, useClipping: true }
    expectSame(adopt(0.1, options), adopt(0.1), SIX)
  })

  aliasLaws(adopt)

  const make = (options: object) => () => adopt(0.1, options as AdoptOptions)
  refuses([
    ['scaleByAdopt: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'adopt: there is no option clipExp; there are b1, b2, eps, muDtype, nuDtype, nesterov, useClipping, clipValueFn',
      make({ clipExp: 0.3 })
    ]
  ])
})
