import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByMadgrad } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type MadgradOptions, madgrad } from './madgrad.js'

const someOptions = fc.record({ momentum: fc.constantFrom(0, 0.5), eps: fc.constantFrom(1e-8, 1) })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('madgrad', () => {
  test('is the chain that it says, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          madgrad(falling, { ...options, weightDecay: falling, mask }),
          chain(addDecayedWeights(falling, { mask }), scaleByMadgrad(falling, options)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    expectSame(madgrad(0.1, { weightDecay: 0.3 }), madgrad(0.1, { weightDecay: constantSchedule(0.3) }), SIX)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(madgrad(0.1, { momentum: 0.9, eps: 1e-6, weightDecay: 0, mask: true }), madgrad(0.1), SIX)
  })

  aliasLaws(madgrad, 'scaleByMadgrad')

  const make = (options: object) => () => madgrad(0.1, options as MadgradOptions)
  refuses([
    ['madgrad: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['madgrad: there is no option nesterov; there are momentum, eps, weightDecay, mask', make({ nesterov: true })]
  ])
})
