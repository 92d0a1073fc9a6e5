import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByAdan, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix } from '../../transforms/src/internal/testing/goldens.js'
import { type AdanOptions, adan } from './adan.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  b3: aDecay,
  eps: anEps,
  epsRoot: anEps,
  differenceWeight: fc.constantFrom(undefined, 0.5)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adan', () => {
  test('is scaleByAdan, addDecayedWeights, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          adan(falling, { ...options, weightDecay: falling, mask }),
          chain(scaleByAdan(options), addDecayedWeights(falling, { mask }), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(adan(0.1, { weightDecay }), adan(0.1, { weightDecay: constantSchedule(weightDecay) }), course)
      )
    )
  })

  test('is scaleByAdan times −α without weight decay, to the bit, and where the mask is false', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, options) => {
        const undecayed = chain(scaleByAdan(options), scaleByLearningRate(rate))
        expectSame(adan(rate, options), undecayed, course)
        expectSame(adan(rate, { ...options, weightDecay: 0.5, mask: false }), undecayed, course)
      })
    )
  })

  test('is what Optax gives when the change of the gradient is weighed with 1 − β₂', () => {
    expectSix(adan(0.1, { differenceWeight: 1 - 0.92 }), [
      [-0.09999999600000016, 0.09999999937500002, -0.09999999961111111],
      [-0.08913981779721965, 0.053345296451951844, -0.03514499523159844],
      [-0.033668799769867724, 0.07269766354783752, -0.032577152333704965],
      [-0.030802338969918304, 0.03750131471147936, -0.05804840519721575],
      [-0.034895031701357944, 0.036213024288659294, -0.021757096834911574],
      [-0.0013376468523745996, 0.021932770928135805, -0.02836829508891909]
    ])
    expectSix(adan(falling, { b1: 0.7, weightDecay: 0.3, differenceWeight: 1 - 0.92 }), [
      [-0.12999999600000017, 0.159999999375, -0.11499999961111113],
      [-0.11360154994211263, 0.0903389502615934, -0.03218707035460185],
      [-0.03932818814143662, 0.1075813770541724, -0.026182599864788873],
      [-0.031320476543157984, 0.055696379789994026, -0.058464965846021455],
      [-0.03210041898960503, 0.04641895071328236, -0.012681946218660598],
      [0.0006966523473105502, 0.026703092948094934, -0.01709638421413825]
    ])
  })

  aliasLaws(adan)

  const make = (options: object) => () => adan(0.1, options as AdanOptions)
  refuses([
    ['adan: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByAdan: b3 must be in [0, 1), got 1', make({ b3: 1 })],
    [
      'adan: there is no option nesterov; there are b1, b2, b3, eps, epsRoot, differenceWeight, accumulatorDtype, weightDecay, mask',
      make({ nesterov: 0.1 })
    ]
  ])
})
