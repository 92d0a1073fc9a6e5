import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByAdam, scaleByLearningRate, scaleByOptimisticGradient } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { adam } from './adam.js'
import { type OptimisticAdamV2Options, optimisticAdamV2 } from './optimisticAdamV2.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  nesterov: fc.boolean(),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('optimisticAdamV2', () => {
  test('is scaleByAdam, scaleByOptimisticGradient, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.constantFrom(-1, 0.5, 2), (course, options, alpha) =>
        expectSame(
          optimisticAdamV2(falling, { ...options, alpha, beta: falling }),
          chain(
            scaleByAdam(options),
            scaleByOptimisticGradient({ alpha, beta: falling }),
            scaleByLearningRate(falling)
          ),
          course
        )
      )
    )
  })

  test('is adam with alpha 1 and beta 0', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(optimisticAdamV2(0.1, { ...options, beta: 0 }), adam(0.1, options), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(optimisticAdamV2(0.1), [
      [-0.14736841810526322, 0.14736842031578948, -0.1473684205614035],
      [-0.10965197471014904, -0.09358383705262045, 0.14394567003731604],
      [0.13122992470322528, 0.17153790410043335, -0.050769930761687856],
      [-0.04680580239249557, -0.0778242436607914, -0.15955309699689854],
      [-0.04965631631894004, 0.04856328952938846, 0.10405210853260556],
      [0.1025227058528452, -0.02446225064918202, -0.07054767000512159]
    ])
    expectSix(optimisticAdamV2(falling, { alpha: 0.7, beta: 0.4, nesterov: false }), [
      [-0.06999999860000004, 0.06999999965000002, -0.0699999997666667],
      [-0.05486033068653259, 0.02068092277933404, -0.0036216385662592165],
      [-0.002929321490801678, 0.04892681825512807, -0.0166187817795808],
      [-0.012872976747014889, 0.00918330005272043, -0.038823215962554745],
      [-0.015405871121552171, 0.013808042194725229, -0.00046267872022940135],
      [0.00950299230225614, 0.0027416589113497484, -0.011244505918086987]
    ])
  })

  aliasLaws(optimisticAdamV2)

  const make = (options: object) => () => optimisticAdamV2(0.1, options as OptimisticAdamV2Options)
  refuses([
    ['scaleByOptimisticGradient: alpha must be a finite number or a schedule, got NaN', make({ alpha: Number.NaN })],
    ['scaleByAdam: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    [
      'optimisticAdamV2: there is no option optimism; there are alpha, beta, accumulatorDtype, b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement',
      make({ optimism: 1 })
    ]
  ])
})
