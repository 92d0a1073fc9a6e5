import { chain, ndarray, step } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByAdam, scaleByLearningRate, stableUpdates } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type StableAdamwOptions, stableAdamw } from './stableAdamw.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  muDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  nuDtype: fc.constantFrom(undefined, 'float32' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('stableAdamw', () => {
  test('is stableUpdates around scaleByAdam and addDecayedWeights, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) => {
        const { b2, eps } = options
        const parts = chain(scaleByAdam(options), addDecayedWeights(falling, { mask }))
        expectSame(
          stableAdamw(falling, { ...options, weightDecay: falling, mask }),
          chain(stableUpdates(parts, { b2, eps, secondMoment: ([{ nu }]) => nu }), scaleByLearningRate(falling)),
          course
        )
      })
    )
  })

  // Algorithm 2 of the paper, written down in PyTorch 2.13: params 0.5 + 0.1 k, gradients ½ cos(t + 0.3 k), those of step 3 a hundred
  // times as large.
  test('is the algorithm of the paper', () => {
    const tx = stableAdamw(1e-3, { weightDecay: 0.1 })
    let params = ndarray(
      Float64Array.from({ length: 12 }, (_, k) => 0.5 + 0.1 * k),
      [4, 3]
    )
    let state = tx.init(params)
    const wanted: Readonly<Record<number, readonly [number, number]>> = {
      1: [0.49895000003701634, 1.6008399999501],
      2: [0.49882361312381407, 1.6004696441813915],
      3: [0.49916377966509884, 1.6000066611097632],
      10: [0.5012791976623155, 1.596419976242267]
    }
    for (let t = 1; t <= 10; t++) {
      const gradients = Float64Array.from({ length: 12 }, (_, k) => 0.5 * Math.cos(t + 0.3 * k) * (t === 3 ? 100 : 1))
      ;[params, state] = step(tx, ndarray(gradients, [4, 3]), state, params)
      const row = wanted[t]
      if (row === undefined) continue
      expect(Math.abs((params.data[0] as number) - row[0])).toBeLessThan(1e-14)
      expect(Math.abs((params.data[11] as number) - row[1])).toBeLessThan(1e-14)
    }
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(
          stableAdamw(0.1, { weightDecay }),
          stableAdamw(0.1, { weightDecay: constantSchedule(weightDecay) }),
          course
        )
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(stableAdamw(0.1, { b1: 0.9, b2: 0.99, eps: 1e-8, weightDecay: 0.01 }), stableAdamw(0.1), SIX)
  })

  aliasLaws(stableAdamw)

  const make = (options: object) => () => stableAdamw(0.1, options as StableAdamwOptions)
  refuses([
    ['stableAdamw: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByAdam: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['stableUpdates: eps must be a finite number > 0, got 0', make({ eps: 0 })],
    [
      'stableAdamw: there is no option nesterov; there are b1, b2, eps, muDtype, nuDtype, weightDecay, mask',
      make({ nesterov: true })
    ]
  ])
})
