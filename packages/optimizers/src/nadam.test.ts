import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByNadam } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import {
  aCourse,
  aDecay,
  aGradient,
  anEps,
  expectSame,
  refuses
} from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { adam } from './adam.js'
import { type NadamOptions, nadam } from './nadam.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  momentumDecay: fc.constantFrom(undefined, 4e-3),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

// Of one sign, so that nothing cancels.
const aSize = aGradient.map(Math.abs)

describe('nadam', () => {
  test('is scaleByNadam, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(nadam(falling, options), chain(scaleByNadam(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('is adam with nesterov without momentumDecay', () => {
    fc.assert(
      fc.property(aCourse(aSize), someOptions, (course, { momentumDecay: _, ...options }) =>
        // β₁ᵗ is a product here and a power there.
        expectSame(nadam(0.1, options), adam(0.1, { ...options, nesterov: true }), course, 1e-13)
      )
    )
  })

  // With float64 as its default dtype: the product of the momenta is kept in that.
  test('is what PyTorch gives with momentumDecay 4e-3', () => {
    expectSix(nadam(0.1, { momentumDecay: 4e-3 }), [
      [-0.1056451757226353, 0.10564517730731293, -0.10564517748338825],
      [-0.10113409043517115, -0.006709423929575006, 0.027076921549609185],
      [0.04023374852073632, 0.08352919994887917, -0.008395758787103927],
      [-0.004744196927825029, -0.03182307469814849, -0.09976977003634545],
      [-0.02754138239881054, 0.010736702146187264, 0.05073938903796728],
      [0.07703641212104329, -0.02696385198187152, -0.02967643858742099]
    ])
  })

  test('is what Optax gives', () => {
    expectSix(nadam(0.1), [
      [-0.14736841810526322, 0.14736842031578948, -0.1473684205614035],
      [-0.1285101964077061, 0.026892291631584516, -0.0017113752620437272],
      [0.001359864147759585, 0.09921509786600893, -0.02624065301186579],
      [-0.022722969122367993, 0.01069542710260877, -0.09289687500438217],
      [-0.03618964272065402, 0.02962935831599861, 0.005577616764111703],
      [0.03316653156609559, 0.0025835538334082974, -0.032485026620504946]
    ])
  })

  aliasLaws(nadam)

  const make = (options: object) => () => nadam(0.1, options as NadamOptions)
  refuses([
    ['scaleByNadam: momentumDecay must be a finite number ≥ 0, got -1', make({ momentumDecay: -1 })],
    [
      'nadam: there is no option nesterov; there are b1, b2, eps, epsRoot, muDtype, nuDtype, momentumDecay, epsPlacement',
      make({ nesterov: 0.1 })
    ]
  ])
})
