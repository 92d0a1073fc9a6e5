import { chain } from '@gradchain/core'
import { warmupConstantSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByLearningRate, scheduleFree } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type ScheduleFreeSgdOptions, scheduleFreeSgd } from './scheduleFreeSgd.js'

const someOptions = fc.record({ b1: fc.constantFrom(0.5, 0.9), weightLrPower: fc.constantFrom(0, 2) })

describe('scheduleFreeSgd', () => {
  test('is scheduleFree around gradient descent, with the warm-up for both', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) => {
        const rate = warmupConstantSchedule({ initValue: 0, peakValue: 0.1, warmupSteps: 3 })
        expectSame(
          scheduleFreeSgd(0.1, { warmupSteps: 3, ...options, weightDecay: 0.5, mask }),
          scheduleFree(chain(addDecayedWeights(0.5, { mask }), scaleByLearningRate(rate)), rate, options),
          course
        )
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { warmupSteps: 0, b1: 0.9, weightDecay: 0, weightLrPower: 2, mask: true }
    expectSame(scheduleFreeSgd(1, options), scheduleFreeSgd(), SIX)
  })

  aliasLaws(scheduleFreeSgd, 'scheduleFreeSgd')

  const make = (options: object) => () => scheduleFreeSgd(0.1, options as ScheduleFreeSgdOptions)
  refuses([
    ['scheduleFreeSgd: weightDecay must be a finite number ≥ 0 or a schedule, got -1', make({ weightDecay: -1 })],
    ['scheduleFreeSgd: warmupSteps must be a whole number ≥ 0, got -1', make({ warmupSteps: -1 })],
    [
      'scheduleFreeSgd: learningRate must be a finite number ≥ 0, got a function',
      () => scheduleFreeSgd((step) => step, { warmupSteps: 3 })
    ],
    ['scheduleFree: b1 must be in (0, 1], got 0', make({ b1: 0 })]
  ])
})
