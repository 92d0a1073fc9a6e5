import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByBelief, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { expectWaves } from '../../transforms/src/internal/testing/waves.js'
import { type RadabeliefOptions, radabelief } from './radabelief.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  nesterov: fc.boolean(),
  threshold: fc.constantFrom(4, 5)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('radabelief', () => {
  test('is scaleByBelief, rectified, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          radabelief(falling, { ...options, weightDecay: falling, weightDecayMask: mask }),
          chain(
            scaleByBelief({ ...options, rectify: true }),
            addDecayedWeights(falling, { mask }),
            scaleByLearningRate(falling)
          ),
          course
        )
      )
    )
  })

  test('is what timm 1.0.29 gives', () => {
    // AdaBelief()
    expectWaves(radabelief(1e-3), [
      [0.49972984884706595, 1.60020039958604],
      [0.49971139483687277, 1.6001494377225383],
      [0.5002328936886927, 1.5995708470878063]
    ])
    // AdaBelief(lr=0.1, betas=(0.9, 0.95), eps=1e-3, weight_decay=0.1)
    expectWaves(radabelief(0.1, { b2: 0.95, eps: 1e-3, epsRoot: 1e-3, weightDecay: 0.1 }), [
      [0.467984884706593, 1.6040399586039988],
      [0.4614596348402064, 1.5829033726677697],
      [0.4779766878594949, 1.400252871506129]
    ])
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(
          radabelief(0.1, { weightDecay }),
          radabelief(0.1, { weightDecay: constantSchedule(weightDecay) }),
          course
        )
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.9, b2: 0.999, eps: 1e-16, epsRoot: 1e-16, nesterov: false, threshold: 5, weightDecay: 0 }
    expectSame(radabelief(0.1, options), radabelief(0.1), SIX)
  })

  aliasLaws(radabelief)

  const make = (options: object) => () => radabelief(0.1, options as RadabeliefOptions)
  refuses([
    ['radabelief: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['scaleByBelief: threshold must be a finite number ≥ 4, got 3', make({ threshold: 3 })],
    [
      'radabelief: there is no option rectify; there are b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, threshold, weightDecay, weightDecayMask',
      make({ rectify: true })
    ]
  ])
})
