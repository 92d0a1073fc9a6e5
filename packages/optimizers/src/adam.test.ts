import { chain } from '@gradchain/core'
import { constantSchedule } from '@gradchain/schedules'
import { scaleByAdam, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  aRate,
  expectGolden,
  expectOracle,
  expectSame,
  refuses,
  unbiased
} from '../../transforms/src/internal/testing/courses.js'
import { type AdamOptions, adam } from './adam.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  nesterov: fc.boolean(),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})

describe('adam', () => {
  test('is −α times the weighted mean of past gradients over the root of that of their squares', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, { b1, b2, eps, epsRoot }) =>
        expectOracle(
          adam(rate, { b1, b2, eps, epsRoot }),
          course,
          (h) => (-rate * unbiased(h, b1, 1)) / (Math.sqrt(unbiased(h, b2, 2) + epsRoot) + eps)
        )
      )
    )
  })

  test('is scaleByAdam, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, options) =>
        expectSame(adam(rate, options), chain(scaleByAdam(options), scaleByLearningRate(rate)), course)
      )
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) => expectSame(adam(rate), adam(constantSchedule(rate)), course))
    )
  })

  test('is what Optax gives', () => {
    expectGolden(adam(0.1), [
      [-0.09999999800000003, 0.0999999995, -0.09999999966666667],
      [-0.09177811107730564, 0.05725345717104448, -0.040021857016423454],
      [-0.03670263299493123, 0.07641809607938897, -0.03343838184640489],
      [-0.030064563617656664, 0.03971476227915499, -0.06257917257084171]
    ])
  })

  const make = (options: object) => () => adam(0.1, options as AdamOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => adam(-1)],
    ['scaleByAdam: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByAdam: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    [
      'adam: there is no option weightDecay; there are b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement',
      make({ weightDecay: 0.1 })
    ],
    // @ts-expect-error -- the options are one object
    ['adam: options must be an object, got 0.9', () => adam(0.1, 0.9)]
  ])
})
