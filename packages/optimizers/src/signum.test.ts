import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { ema, scale, scaleByLearningRate, scaleBySign } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectBlockGolden } from '../../transforms/src/internal/testing/blocks.js'
import {
  aCourse,
  aDecay,
  aDyadic,
  aRate,
  average,
  expectOracle,
  expectSame,
  refuses
} from '../../transforms/src/internal/testing/courses.js'
import { signSgd } from './signSgd.js'
import { type SignumOptions, signum } from './signum.js'

const falling = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
// Exact in every sum and product with dyadic gradients, so that no sign depends on rounding.
const aShare = fc.constantFrom(0, 0.25, 0.5, 0.75)

describe('signum', () => {
  test('is −α times the sign of the weighted mean of past gradients', () => {
    fc.assert(
      fc.property(aCourse(aDyadic), aRate, aShare, (course, rate, beta) =>
        expectOracle(signum(rate, { beta }), course, (history) => -rate * Math.sign(average(history, beta, 1)))
      )
    )
  })

  test('is ema, scaleBySign, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, beta) =>
        expectSame(
          signum(falling, { beta }),
          chain(ema(beta, { debias: false }), scaleBySign(), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('is signSgd for beta 0', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) => expectSame(signum(rate, { beta: 0 }), signSgd(rate), course))
    )
  })

  test('is odd in the gradients, and blind to their scale, exactly for powers of two', () => {
    fc.assert(
      fc.property(aCourse(), fc.integer({ min: -8, max: 8 }), (course, power) => {
        expectSame(chain(scale(-1), signum(0.5)), chain(signum(0.5), scale(-1)), course)
        expectSame(chain(scale(2 ** power), signum(0.5)), signum(0.5), course)
      })
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) => expectSame(signum(rate), signum(constantSchedule(rate)), course))
    )
  })

  test('keeps its mean in the dtype asked for', () => {
    const [{ ema: kept }] = signum(0.5, { accumulatorDtype: 'float64' }).init([new Float32Array(1)])
    expect(kept).toStrictEqual([new Float64Array(1)])
  })

  test('is what Optax gives', () => {
    expectBlockGolden(signum(0.1), [
      [-0.1, 0.1, -0.1, -0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1],
      [-0.1, 0.1, -0.1, -0.1, -0.1, -0.1, -0.1, 0.1, -0.1, 0.1],
      [-0.1, 0.1, -0.1, -0.1, -0.1, -0.1, 0.1, 0.1, -0.1, 0.1],
      [-0.1, 0.1, -0.1, -0.1, -0.1, -0.1, 0.1, 0.1, -0.1, 0.1],
      [-0.1, 0.1, -0.1, -0.1, -0.1, -0.1, 0.1, 0.1, -0.1, -0.1]
    ])
    expectBlockGolden(signum(0.1, { beta: 0.4 }), [
      [-0.1, 0.1, -0.1, -0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1],
      [-0.1, 0.1, -0.1, -0.1, 0.1, -0.1, -0.1, 0.1, -0.1, -0.1],
      [0.1, 0.1, -0.1, -0.1, -0.1, -0.1, 0.1, -0.1, -0.1, -0.1],
      [0.1, -0.1, -0.1, 0.1, -0.1, -0.1, -0.1, 0.1, -0.1, 0.1],
      [-0.1, -0.1, -0.1, -0.1, -0.1, -0.1, -0.1, -0.1, -0.1, -0.1]
    ])
  })

  const make = (options: object) => () => signum(0.1, options as SignumOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => signum(-1)],
    ['signum: beta must be in [0, 1), got 1', make({ beta: 1 })],
    ['signum: there is no option momentum; there are beta, accumulatorDtype', make({ momentum: 0.9 })]
  ])
})
