import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByAdam, scaleByLearningRate, scaleByOptimisticGradient } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix, SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type OptimisticAdamOptions, optimisticAdam } from './optimisticAdam.js'
import { optimisticAdamV2 } from './optimisticAdamV2.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  nesterov: fc.boolean(),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('optimisticAdam', () => {
  test('is scaleByAdam, scaleByOptimisticGradient with the learning rate for alpha, scaleByLearningRate(1)', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.constantFrom(0.5, falling), (course, options, optimism) =>
        expectSame(
          optimisticAdam(falling, { ...options, optimism }),
          chain(
            scaleByAdam(options),
            scaleByOptimisticGradient({ alpha: falling, beta: optimism }),
            scaleByLearningRate(1)
          ),
          course
        )
      )
    )
  })

  test('is optimisticAdamV2 without optimism', () => {
    // The learning rate is multiplied by before the difference is taken here, and after it there.
    expectSame(optimisticAdam(0.1), optimisticAdamV2(0.1), SIX, 1e-13)
    expectSame(optimisticAdam(falling), optimisticAdamV2(falling), SIX, 1e-13)
  })

  test('is what Optax gives', () => {
    expectSix(optimisticAdam(0.1), [
      [-0.14736841810526322, 0.14736842031578948, -0.1473684205614035],
      [-0.10965197471014901, -0.09358383705262044, 0.14394567003731606],
      [0.13122992470322528, 0.17153790410043335, -0.05076993076168785],
      [-0.04680580239249557, -0.0778242436607914, -0.15955309699689854],
      [-0.04965631631894004, 0.04856328952938845, 0.10405210853260558],
      [0.1025227058528452, -0.024462250649182015, -0.07054767000512159]
    ])
    expectSix(optimisticAdam(0.1, { optimism: 0.3, nesterov: false }), [
      [-0.09999999800000003, 0.09999999950000005, -0.09999999966666667],
      [-0.06711245030922247, -0.07098616981582206, 0.1399125709343062],
      [0.128523801252192, 0.13391201280442247, -0.0136879563363492],
      [-0.010150355485832971, -0.07039523912154691, -0.15000154474415217],
      [-0.046905499388180116, 0.022307744324489148, 0.09390915324445594],
      [0.1220828129732163, -0.0347125835936659, -0.04552635676887863]
    ])
  })

  aliasLaws(optimisticAdam, 'optimisticAdam')

  const make = (options: object) => () => optimisticAdam(0.1, options as OptimisticAdamOptions)
  refuses([
    ['optimisticAdam: optimism must be a finite number or a schedule, got NaN', make({ optimism: Number.NaN })],
    ['scaleByAdam: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    [
      'optimisticAdam: there is no option alpha; there are optimism, b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement',
      make({ alpha: 1 })
    ]
  ])
})
