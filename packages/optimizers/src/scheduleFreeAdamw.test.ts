import { warmupConstantSchedule } from '@gradchain/schedules'
import { scheduleFree } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { adamw } from './adamw.js'
import { type ScheduleFreeAdamwOptions, scheduleFreeAdamw } from './scheduleFreeAdamw.js'

const someOptions = fc.record({ b1: fc.constantFrom(0.5, 0.9), weightLrPower: fc.constantFrom(0, 2) })
const adamOptions = fc.record({
  b2: fc.constantFrom(0.5, 0.99),
  eps: fc.constantFrom(1e-8, 1),
  weightDecay: fc.constantFrom(0, 0.5),
  mask: fc.boolean()
})

describe('scheduleFreeAdamw', () => {
  test('is scheduleFree around adamw without a first moment, with the warm-up for both', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, adamOptions, (course, options, adam) => {
        const rate = warmupConstantSchedule({ initValue: 0, peakValue: 0.1, warmupSteps: 3 })
        expectSame(
          scheduleFreeAdamw(0.1, { warmupSteps: 3, ...options, ...adam }),
          scheduleFree(adamw(rate, { b1: 0, ...adam }), rate, options),
          course,
          // Two ways of writing g.
          1e-12
        )
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { warmupSteps: 0, b1: 0.9, b2: 0.999, eps: 1e-8, weightDecay: 0, weightLrPower: 2, mask: true }
    expectSame(scheduleFreeAdamw(0.0025, options), scheduleFreeAdamw(), SIX)
  })

  aliasLaws(scheduleFreeAdamw, 'scheduleFreeAdamw')

  const make = (options: object) => () => scheduleFreeAdamw(0.1, options as ScheduleFreeAdamwOptions)
  refuses([
    ['scheduleFreeAdamw: weightDecay must be a finite number ≥ 0 or a schedule, got -1', make({ weightDecay: -1 })],
    ['scheduleFreeAdamw: warmupSteps must be a whole number ≥ 0, got 0.5', make({ warmupSteps: 0.5 })],
    [
      'scheduleFreeAdamw: learningRate must be a finite number ≥ 0, got a function',
      () => scheduleFreeAdamw((step) => step, { warmupSteps: 3 })
    ],
    ['scheduleFree: b1 must be in (0, 1], got 0', make({ b1: 0 })],
    ['scheduleFreeAdamw: b2 must be in [0, 1), got 1', make({ b2: 1 })]
  ])
})
