import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, centralize, lookahead, scaleByLearningRate, scaleByRadam } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aBlockCourse, expectSameBlocks } from '../../transforms/src/internal/testing/blocks.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { radam } from './radam.js'
import { type RangerOptions, ranger } from './ranger.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  threshold: fc.constantFrom(4, 5),
  muDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  nuDtype: fc.constantFrom(undefined, 'float32' as const)
})
const slow = fc.record({ syncPeriod: fc.constantFrom(1, 2, 3), slowStepSize: fc.constantFrom(0.5, 0.8) })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('ranger', () => {
  test('is lookahead around centralize, scaleByRadam, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, slow, fc.boolean(), (course, options, period, mask) =>
        expectSameBlocks(
          ranger(falling, { ...options, ...period, weightDecay: falling, mask }),
          lookahead(
            chain(
              centralize(),
              scaleByRadam({ ...options, epsPlacement: 'hat' }),
              addDecayedWeights(falling, { mask }),
              scaleByLearningRate(falling)
            ),
            period
          ),
          course
        )
      )
    )
  })

  test('is radam on vectors before it goes back', () => {
    fc.assert(
      fc.property(aCourse(), (course) => {
        const early = { ...course, gradients: course.gradients.slice(0, 5) }
        expectSame(ranger(0.1), radam(0.1, { b1: 0.95, eps: 1e-5, epsPlacement: 'hat' }), early)
      })
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(ranger(0.1, { weightDecay }), ranger(0.1, { weightDecay: constantSchedule(weightDecay) }), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.95, b2: 0.999, eps: 1e-5, threshold: 5, weightDecay: 0, syncPeriod: 6, slowStepSize: 0.5 }
    expectSame(ranger(0.1, options), ranger(0.1), SIX)
  })

  aliasLaws(ranger)

  const make = (options: object) => () => ranger(0.1, options as RangerOptions)
  refuses([
    ['ranger: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['scaleByRadam: threshold must be a finite number ≥ 4, got 3', make({ threshold: 3 })],
    ['lookahead: syncPeriod must be a whole number ≥ 1, got 0', make({ syncPeriod: 0 })]
  ])
})
