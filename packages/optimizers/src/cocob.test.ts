import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByCocob, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type CocobOptions, cocob } from './cocob.js'

const someOptions = fc.record({ alpha: fc.constantFrom(1, 10), eps: fc.constantFrom(1e-8, 1) })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('cocob', () => {
  test('is the chain that it says, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          cocob(falling, { ...options, weightDecay: falling, mask }),
          chain(
            addDecayedWeights(falling, { mask }),
            scaleByLearningRate(falling, { flipSign: false }),
            scaleByCocob(options)
          ),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    expectSame(cocob(0.1, { weightDecay: 0.3 }), cocob(0.1, { weightDecay: constantSchedule(0.3) }), SIX)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(cocob(1, { alpha: 100, eps: 1e-8, weightDecay: 0, mask: true }), cocob(), SIX)
  })

  aliasLaws(cocob)

  const make = (options: object) => () => cocob(0.1, options as CocobOptions)
  refuses([
    ['cocob: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['cocob: there is no option nesterov; there are alpha, eps, weightDecay, mask', make({ nesterov: true })]
  ])
})
