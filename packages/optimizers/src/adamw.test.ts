import { chain } from '@gradchain/core'
import { constantSchedule, correctedDecay, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByAdam, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
import { expectWaves } from '../../transforms/src/internal/testing/waves.js'
import { adam } from './adam.js'
import { type AdamwOptions, adamw } from './adamw.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  nesterov: fc.boolean(),
  epsPlacement: fc.constantFrom('outside' as const, 'hat' as const)
})

describe('adamw', () => {
  test('is −α times the update of Adam and λ times the param', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aRate, someOptions, (course, rate, weightDecay, { b1, b2, eps, epsRoot }) => {
        const adams = (h: readonly number[]) => unbiased(h, b1, 1) / (Math.sqrt(unbiased(h, b2, 2) + epsRoot) + eps)
        expectOracle(
          adamw(rate, { b1, b2, eps, epsRoot, weightDecay }),
          course,
          (history, p) => -rate * (adams(history) + weightDecay * p)
        )
      })
    )
  })

  test('is scaleByAdam, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          adamw(rate, { ...options, weightDecay: rate, mask }),
          chain(scaleByAdam(options), addDecayedWeights(rate, { mask }), scaleByLearningRate(rate)),
          course
        )
      )
    )
  })

  test('is adam without weight decay, to the bit, and where the mask is false', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, options) => {
        expectSame(adamw(rate, { ...options, weightDecay: 0 }), adam(rate, options), course)
        expectSame(adamw(rate, { ...options, mask: false }), adam(rate, options), course)
      })
    )
    const tx = adamw(0.5, { weightDecay: 0.5, eps: 0, mask: { w: true, b: false } })
    const params = { w: 8, b: 8 }
    expect(tx.update({ w: 1, b: 1 }, tx.init(params), params)[0]).toStrictEqual({ w: -2.5, b: -0.5 })
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aRate, (course, rate, weightDecay) =>
        expectSame(
          adamw(rate, { weightDecay }),
          adamw(constantSchedule(rate), { weightDecay: constantSchedule(weightDecay) }),
          course
        )
      )
    )
  })

  test('is what Optax gives', () => {
    expectGolden(adamw(0.1), [
      [-0.10000999800000004, 0.10001999950000001, -0.10000499966666668],
      [-0.09178811107730564, 0.05727345717104448, -0.04002685701642345],
      [-0.03671263299493123, 0.07643809607938896, -0.033443381846404885],
      [-0.030074563617656664, 0.039734762279154984, -0.0625841725708417]
    ])
  })

  // timm 1.0.29, AdamW(lr=0.1, weight_decay=0.5, corrected_weight_decay=True), the rate divided by 1 + t at t = 0, 1, 2, …
  test('with a corrected weight decay it is what timm gives', () => {
    const rate = (t: number) => 0.1 / (1 + t)
    const weightDecay = correctedDecay({ weightDecay: 0.5, learningRate: rate, maxLearningRate: 0.1 })
    expectWaves(adamw(rate, { weightDecay }), [
      [0.3750000037016313, 1.61999999500997],
      [0.36648550706977, 1.5892154249828343],
      [0.40014349150143147, 1.5200132708918968]
    ])
  })

  const make = (options: object) => () => adamw(0.1, options as AdamwOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => adamw(-1)],
    ['adamw: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByAdam: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'adamw: there is no option momentum; there are b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, epsPlacement, weightDecay, mask',
      make({ momentum: 0.1 })
    ]
  ])
})
