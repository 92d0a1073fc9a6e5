import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByAdamax, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { adamax } from './adamax.js'
import { type AdamaxwOptions, adamaxw } from './adamaxw.js'

const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adamaxw', () => {
  test('is scaleByAdamax, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          adamaxw(falling, { ...options, weightDecay: falling, mask }),
          chain(scaleByAdamax(options), addDecayedWeights(falling, { mask }), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(adamaxw(0.1, { weightDecay }), adamaxw(0.1, { weightDecay: constantSchedule(weightDecay) }), course)
      )
    )
  })

  test('is adamax without weight decay, to the bit, and where the mask is false', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, options) => {
        expectSame(adamaxw(rate, { ...options, weightDecay: 0 }), adamax(rate, options), course)
        expectSame(adamaxw(rate, { ...options, weightDecay: 0.5, mask: false }), adamax(rate, options), course)
      })
    )
  })

  test('is what Optax gives', () => {
    expectSix(adamaxw(0.1), [
      [-0.10000999800000004, 0.10001999950000001, -0.10000499966666668],
      [-0.06843105217543861, 0.040850303784047214, -0.02985941571981339],
      [-0.024757995062713395, 0.06265837607057195, -0.020402478057817572],
      [-0.017579287798399727, 0.029935055935879175, -0.039911222639402805],
      [-0.01820082705359916, 0.02387601997375257, -0.01491912289617782],
      [0.00280923082163317, 0.011311280287058467, -0.01709408368145601]
    ])
    expectSix(adamaxw(falling, { b1: 0.7, weightDecay: 0.3 }), [
      [-0.12999999800000003, 0.15999999950000002, -0.11499999966666669],
      [-0.09229411721176473, 0.08447164796634872, -0.03293119583701349],
      [-0.037285736180421934, 0.09923287645616442, -0.02291985005290924],
      [-0.028042634568644222, 0.05532659142813856, -0.04246358065439819],
      [-0.026203880915759554, 0.044394950300079374, -0.012998896293540074],
      [-0.005862079814447795, 0.028653940412323803, -0.013960114185980727]
    ])
  })

  aliasLaws(adamaxw)

  const make = (options: object) => () => adamaxw(0.1, options as AdamaxwOptions)
  refuses([
    ['adamaxw: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByAdamax: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'adamaxw: there is no option nesterov; there are b1, b2, eps, epsInMax, muDtype, nuDtype, weightDecay, mask',
      make({ nesterov: 0.1 })
    ]
  ])
})
