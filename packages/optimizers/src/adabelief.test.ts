import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByBelief, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type AdabeliefOptions, adabelief } from './adabelief.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  nesterov: fc.boolean(),
  rectify: fc.boolean()
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adabelief', () => {
  test('is scaleByBelief, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          adabelief(falling, { ...options, weightDecay: falling, weightDecayMask: mask }),
          chain(scaleByBelief(options), addDecayedWeights(falling, { mask }), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(
          adabelief(0.1, { weightDecay }),
          adabelief(0.1, { weightDecay: constantSchedule(weightDecay) }),
          course
        )
      )
    )
  })

  test('is scaleByBelief times −α without weight decay, to the bit, and where the mask is false', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, options) => {
        const undecayed = chain(scaleByBelief(options), scaleByLearningRate(rate))
        expectSame(adabelief(rate, options), undecayed, course)
        expectSame(adabelief(rate, { ...options, weightDecay: 0.5, weightDecayMask: false }), undecayed, course)
      })
    )
  })

  test('is what Optax gives', () => {
    expectSix(adabelief(0.1), [
      [-0.11111111111108365, 0.11111111111110938, -0.11111111111111037],
      [-0.1051243102837362, 0.0625453325636776, -0.04300839646420882],
      [-0.03961224018232681, 0.08742033101576412, -0.03595834824094789],
      [-0.03239747382565578, 0.0433241621809754, -0.07037921015123397],
      [-0.037223849435015464, 0.038575331773563926, -0.02513441774948119],
      [0.005116679372522326, 0.01918318658832316, -0.03126782985546665]
    ])
    expectSix(adabelief(falling, { b1: 0.7, weightDecay: 0.3 }), [
      [-0.17285714285708453, 0.2028571428571392, -0.15785714285714128],
      [-0.16442084014837755, 0.11061060624272928, -0.04663539289351061],
      [-0.04934735849322485, 0.14082484203657805, -0.03475125438653665],
      [-0.03644867521968455, 0.06509280781658505, -0.08135259092389459],
      [-0.03801438155969849, 0.05222517089602106, -0.016903278111304747],
      [0.004984392357529219, 0.027259902412004905, -0.0213749416534222]
    ])
  })

  aliasLaws(adabelief)

  const make = (options: object) => () => adabelief(0.1, options as AdabeliefOptions)
  refuses([
    ['adabelief: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ weightDecayMask: { w: 1 } })],
    ['scaleByBelief: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    [
      'adabelief: there is no option mask; there are b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, rectify, threshold, weightDecay, weightDecayMask',
      make({ mask: 0.1 })
    ]
  ])
})
