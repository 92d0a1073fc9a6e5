import { chain, step } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aGradient, aRate, expectSame } from '../../../transforms/src/internal/testing/courses.js'
import { onlineNewtonStep } from './onlineNewtonStep.js'
import { scaleByOnlineNewton } from './scaleByOnlineNewton.js'

const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('onlineNewtonStep', () => {
  test('is scaleByOnlineNewton and scaleByLearningRate, with eps handed on', () => {
    fc.assert(
      fc.property(aCourse(aGradient), aRate, fc.constantFrom(0.5, 2), (course, rate, eps) => {
        expectSame(
          onlineNewtonStep(falling, { eps }),
          chain(scaleByOnlineNewton({ eps }), scaleByLearningRate(falling)),
          course
        )
        expectSame(onlineNewtonStep(rate), onlineNewtonStep(constantSchedule(rate), { eps: 1 }), course)
      })
    )
  })

  // Hazan, Agarwal and Kale (2007), theorem 2: of squares (x − y)² with x and y in [−1, 1], 1/8-exp-concave.
  test('learns a linear model with a regret that grows like a logarithm', () => {
    const tx = onlineNewtonStep(2, { eps: 1 })
    let params = { w: new Float64Array(2) }
    let state = tx.init(params)
    let suffered = 0
    const target = [0.5, -0.25]
    for (let t = 1; t <= 200; t++) {
      const x = [Math.cos(t), Math.sin(3 * t)]
      const miss = x.reduce((sum, xi, i) => sum + xi * ((params.w[i] as number) - (target[i] as number)), 0)
      suffered += miss * miss
      ;[params, state] = step(tx, { w: Float64Array.from(x, (xi) => 2 * miss * xi) }, state, params)
    }
    expect(suffered).toBeLessThan(2 * 8 * Math.log(200))
    target.forEach((w, i) => expect(params.w[i]).toBeCloseTo(w, 2))
  })

  test('refuses what its parts refuse', () => {
    expect(() => onlineNewtonStep(-1)).toThrow('scaleByLearningRate: learningRate must be')
    expect(() => onlineNewtonStep(1, { eps: 0 })).toThrow('scaleByOnlineNewton: eps must be a finite number > 0, got 0')
  })
})
