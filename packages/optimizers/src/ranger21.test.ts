import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import {
  adaptiveGradClip,
  addDecayedWeights,
  centralize,
  lookahead,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aBlockCourse, expectSameBlocks } from '../../transforms/src/internal/testing/blocks.js'
import { aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type Ranger21Options, ranger21 } from './ranger21.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  muDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  nuDtype: fc.constantFrom(undefined, 'float32' as const)
})
const slow = fc.record({ syncPeriod: fc.constantFrom(1, 2, 3), slowStepSize: fc.constantFrom(0.5, 0.8) })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('ranger21', () => {
  test('is lookahead around its parts, with the options handed on', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, slow, fc.boolean(), (course, options, period, mask) =>
        expectSameBlocks(
          ranger21(falling, { ...options, ...period, clipping: 0.5, weightDecay: falling, mask }),
          lookahead(
            chain(
              adaptiveGradClip(0.5),
              centralize(),
              scaleByAdam(options),
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

  test('with a number of steps the learning rate goes up, stays and goes down', () => {
    // Four steps of warmup with β₂ = ½; from the seventh of ten on it falls by a third of the way at a time.
    const rate = (t: number) => (t < 4 ? (t + 1) / 4 : t < 7 ? 1 : 1 - (0.75 * Math.min(3, t - 7)) / 3)
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        const long = { ...course, steps: [...course.steps, ...course.steps] }
        expectSameBlocks(
          ranger21(1, { b2: 0.5, numSteps: 10, minLearningRate: 0.25 }),
          ranger21(rate, { b2: 0.5 }),
          long,
          1e-12
        )
        // Where the warmup would take more than 0.45 of all, it takes 0.22.
        const short = (t: number) => (t < 5 ? 1 : 1 - (0.75 * Math.min(3, t - 5)) / 3)
        expectSameBlocks(
          ranger21(1, { b2: 0.5, numSteps: 8, minLearningRate: 0.25 }),
          ranger21(short, { b2: 0.5 }),
          long,
          1e-12
        )
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-8,
      clipping: 0.01,
      weightDecay: 1e-4,
      syncPeriod: 5,
      slowStepSize: 0.5
    }
    expectSame(ranger21(0.1, { ...options, minLearningRate: 3e-5, mask: true }), ranger21(0.1), SIX)
  })

  aliasLaws(ranger21)

  const make = (options: object) => () => ranger21(0.1, options as Ranger21Options)
  refuses([
    ['ranger21: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['ranger21: numSteps must be a whole number ≥ 1, got 0', make({ numSteps: 0 })],
    ['ranger21: minLearningRate must be a finite number ≥ 0, got -1', make({ minLearningRate: -1 })],
    ['adaptiveGradClip: clipping must be a finite number > 0, got 0', make({ clipping: 0 })],
    ['lookahead: syncPeriod must be a whole number ≥ 1, got 0', make({ syncPeriod: 0 })],
    ['ranger21: learningRate must be a finite number ≥ 0, got a function', () => ranger21((t) => t, { numSteps: 10 })]
  ])
})
