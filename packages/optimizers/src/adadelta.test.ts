import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByAdadelta, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectSix, SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type AdadeltaOptions, adadelta } from './adadelta.js'

const someOptions = fc.record({ rho: aDecay, eps: anEps })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adadelta', () => {
  test('is addDecayedWeights, scaleByAdadelta, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          adadelta(falling, { ...options, weightDecay: falling, weightDecayMask: mask }),
          chain(addDecayedWeights(falling, { mask }), scaleByAdadelta(options), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(
          adadelta(0.1, { weightDecay }),
          adadelta(0.1, { weightDecay: constantSchedule(weightDecay) }),
          course
        )
      )
    )
  })

  test('is scaleByAdadelta times −α without weight decay, to the bit, and where the mask is false', () => {
    fc.assert(
      fc.property(aCourse(), aRate, someOptions, (course, rate, options) => {
        const undecayed = chain(scaleByAdadelta(options), scaleByLearningRate(rate))
        expectSame(adadelta(rate, options), undecayed, course)
        expectSame(adadelta(rate, { ...options, weightDecay: 0.5, weightDecayMask: false }), undecayed, course)
      })
    )
  })

  test('descends also without a learning rate, which is then 1', () => {
    expectSame(adadelta(), adadelta(1), SIX)
    expect(adadelta().update({ w: 3 }, adadelta().init({ w: 0 }), { w: 0 })[0].w).toBeLessThan(0)
  })

  test('is what Optax gives', () => {
    expectSix(adadelta(), [
      [-0.00316221441651248, 0.003162273707328716, -0.0031622759033489217],
      [-0.004263963074403174, -0.0005842050751598398, 0.001482497406958636],
      [0.0027379091920367174, 0.0032562847339235247, -0.00020090890817264228],
      [0, -0.0019580622031467702, -0.0037101124316250397],
      [-0.0012184430141094639, 0.00021300673509719675, 0.002743440644671682],
      [0.0038907765072537966, -0.0014615553161123423, -0.0012209133750327294]
    ])
    expectSix(adadelta(falling, { rho: 0.6, eps: 0.1, weightDecay: 0.3 }), [
      [-0.0423999152002544, 0.04910032234903236, -0.049381776423223146],
      [-0.05395800981224977, 0.01048963060720379, 0.02042774142402807],
      [0.01881190669769129, 0.043079038196789286, -0.0070741535262636435],
      [-0.012093062354182478, -0.009130983175803213, -0.03993750237526581],
      [-0.02025873241919733, 0.014509981039358206, 0.027145611754358628],
      [0.02363956668126646, -0.0020914983221775054, -0.013861989081047996]
    ])
  })

  aliasLaws(adadelta)

  const make = (options: object) => () => adadelta(0.1, options as AdadeltaOptions)
  refuses([
    ['adadelta: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ weightDecayMask: { w: 1 } })],
    ['scaleByAdadelta: rho must be in [0, 1), got 1', make({ rho: 1 })],
    [
      'adadelta: there is no option mask; there are rho, eps, accumulatorDtype, weightDecay, weightDecayMask',
      make({ mask: 0.1 })
    ]
  ])
})
