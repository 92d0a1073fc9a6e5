import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByDog, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type DogOptions, dog } from './dog.js'

const someOptions = fc.record({
  initStep: fc.constantFrom(['heuristic', 1e-3] as const, ['learningRate', 0.5] as const),
  eps: fc.constantFrom(1e-8, 1)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('dog', () => {
  test('is the chain that it says, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          dog(falling, { ...options, weightDecay: falling, mask }),
          chain(addDecayedWeights(falling, { mask }), scaleByDog(options), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    expectSame(dog(0.1, { weightDecay: 0.3 }), dog(0.1, { weightDecay: constantSchedule(0.3) }), SIX)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(dog(1, { initStep: ['heuristic', 1e-6], eps: 1e-8, weightDecay: 0, mask: true }), dog(), SIX)
  })

  aliasLaws(dog)

  const make = (options: object) => () => dog(0.1, options as DogOptions)
  refuses([
    ['dog: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['dog: there is no option nesterov; there are initStep, eps, weightDecay, mask', make({ nesterov: true })]
  ])
})
