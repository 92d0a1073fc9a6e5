import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByDowg, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type DowgOptions, dowg } from './dowg.js'

const someOptions = fc.record({ initEstimSqDist: fc.constantFrom(undefined, 4), eps: fc.constantFrom(1e-8, 1) })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('dowg', () => {
  test('is the chain that it says, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          dowg(falling, { ...options, weightDecay: falling, mask }),
          chain(addDecayedWeights(falling, { mask }), scaleByDowg(options), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    expectSame(dowg(0.1, { weightDecay: 0.3 }), dowg(0.1, { weightDecay: constantSchedule(0.3) }), SIX)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(dowg(1, { initEstimSqDist: 1e-4, eps: 1e-4, weightDecay: 0, mask: true }), dowg(), SIX)
  })

  aliasLaws(dowg)

  const make = (options: object) => () => dowg(0.1, options as DowgOptions)
  refuses([
    ['dowg: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['dowg: there is no option nesterov; there are initEstimSqDist, eps, weightDecay, mask', make({ nesterov: true })]
  ])
})
