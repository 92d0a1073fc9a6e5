import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByFtrl } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type FtrlOptions, ftrl } from './ftrl.js'

const someOptions = fc.record({
  learningRatePower: fc.constantFrom(0, -0.5),
  initialAccumulatorValue: fc.constantFrom(0, 0.1),
  beta: fc.constantFrom(0, 1),
  l1: fc.constantFrom(0, 1),
  l2: fc.constantFrom(0, 1),
  l2Shrinkage: fc.constantFrom(0, 1),
  pastRate: fc.constantFrom('own' as const, 'current' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('ftrl', () => {
  test('is scaleByFtrl, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(ftrl(falling, options), chain(scaleByFtrl(falling, options)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const spelled = { learningRatePower: -0.5, initialAccumulatorValue: 0, beta: 1, l1: 0, l2: 0, l2Shrinkage: 0 }
    expectSame(ftrl(0.1, { ...spelled, pastRate: 'own' }), ftrl(0.1), SIX)
  })

  aliasLaws(ftrl, 'scaleByFtrl')

  const make = (options: object) => () => ftrl(0.1, options as FtrlOptions)
  refuses([
    ['scaleByFtrl: l2 must be a finite number ≥ 0, got -1', make({ l2: -1 })],
    [
      'ftrl: there is no option momentum; there are learningRatePower, initialAccumulatorValue, beta, l1, l2, l2Shrinkage, pastRate',
      make({ momentum: 1 })
    ]
  ])
})
