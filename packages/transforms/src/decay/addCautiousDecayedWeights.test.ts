import { identity } from '@gradchain/core'
import { constantSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aCourse, aRate, expectOracle, expectSame, last, refuses } from '../internal/testing/courses.js'
import { type AddCautiousDecayedWeightsOptions, addCautiousDecayedWeights } from './addCautiousDecayedWeights.js'

describe('addCautiousDecayedWeights', () => {
  test('adds a share of the param where the update does not oppose it', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectOracle(addCautiousDecayedWeights(rate), course, (history, param) =>
          Math.sign(last(history)) * Math.sign(param) >= 0 ? last(history) + rate * param : last(history)
        )
      )
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(addCautiousDecayedWeights(rate), addCautiousDecayedWeights(constantSchedule(rate)), course)
      )
    )
  })

  test('is the identity without a share, and where the mask is false', () => {
    fc.assert(
      fc.property(aCourse(), (course) => {
        expectSame(addCautiousDecayedWeights(), identity(), course)
        expectSame(addCautiousDecayedWeights(0.5, { mask: false }), identity(), course)
      })
    )
  })

  const make = (options: object) => () => addCautiousDecayedWeights(0.1, options as AddCautiousDecayedWeightsOptions)
  refuses([
    [
      'addCautiousDecayedWeights: weightDecay must be a finite number or a schedule, got NaN',
      () => addCautiousDecayedWeights(Number.NaN)
    ],
    ['addCautiousDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })]
  ])
})
