import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { scale, scaleByLearningRate, scaleBySign } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { expectBlockGolden } from '../../transforms/src/internal/testing/blocks.js'
import {
  aCourse,
  aRate,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../../transforms/src/internal/testing/courses.js'
import { signSgd } from './signSgd.js'

const falling = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })

describe('signSgd', () => {
  test('is −α times the sign of the gradient', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectOracle(signSgd(rate), course, (history) => -rate * Math.sign(last(history)))
      )
    )
  })

  test('is scaleBySign, then scaleByLearningRate', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(signSgd(falling), chain(scaleBySign(), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('is odd in the gradient, and blind to its scale', () => {
    fc.assert(
      fc.property(aCourse(), aRate, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (course, rate, factor) => {
        expectSame(chain(scale(-1), signSgd(rate)), chain(signSgd(rate), scale(-1)), course)
        expectSame(chain(scale(factor), signSgd(rate)), signSgd(rate), course)
      })
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(signSgd(rate), signSgd(constantSchedule(rate)), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectBlockGolden(signSgd(0.1), [
      [-0.1, 0.1, -0.1, -0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1],
      [-0.1, -0.1, 0.1, -0.1, 0.1, -0.1, -0, -0, -0, -0.1],
      [0.1, 0.1, -0.1, 0.1, -0.1, -0.1, 0.1, -0.1, -0.1, -0.1],
      [-0, -0.1, -0.1, 0.1, -0.1, -0.1, -0.1, 0.1, -0.1, 0.1],
      [-0.1, 0.1, -0.1, -0.1, 0.1, -0.1, 0.1, -0.1, -0.1, -0.1]
    ])
  })

  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => signSgd(-1)],
    [
      'scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got undefined',
      // @ts-expect-error -- a learning rate is required
      () => signSgd()
    ]
  ])
})
