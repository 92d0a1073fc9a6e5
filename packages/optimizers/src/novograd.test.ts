import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByNovograd } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, anEps, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { expectShaped } from '../../transforms/src/internal/testing/goldens.js'
import { type NovogradOptions, novograd } from './novograd.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  weightDecay: fc.constantFrom(0, 0.3)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('novograd', () => {
  test('is scaleByNovograd, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(novograd(falling, options), chain(scaleByNovograd(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectShaped(novograd(0.1), [
      [
        -0.012777528034693508, 0.05111011213877403, -0.07666516820816105, -0.025555056069387017, -0.006388764017346754,
        0.025555056069387017, -0.0799999840000032, 0.059999988000002405
      ],
      [
        -0.04871018637721976, 0.03979736573389737, -0.04419171062334788, 0.026614331065545817, -0.08017070990760328,
        0.010596080080449783, -0.07199998560000288, 0.01620355618478833
      ],
      [
        -0.02147461155977287, 0.09545644563977407, -0.04349996559096725, -0.005866510280641982, -0.07215363891684295,
        -0.050102344406861635, -0.09909968053910874, 0.04888289406541565
      ],
      [
        -0.02660570141829149, 0.0616489643608103, -0.13619731589181597, 0.01898197746240858, -0.052807356667665485,
        -0.06328848750241525, -0.010931185020072506, -0.03426392280625128
      ],
      [
        -0.06926863817835888, 0.0577502432698241, -0.06592320067526371, 0.012551429025978068, -0.07018837445184721,
        0.011025621600671078, -0.07451841897382665, -0.037305565771202295
      ]
    ])
    expectShaped(novograd(falling, { b1: 0.7, weightDecay: 0.3 }), [
      [
        -0.04277752803469351, 0.11111011213877404, -0.09166516820816106, -0.11555505606938701, -0.013888764017346756,
        0.05555505606938702, -0.1399999840000032, 0.0749999880000024
      ],
      [
        -0.08743921269325296, 0.11841780897552831, -0.04892280928354411, -0.10914719194851909, -0.08247866139372054,
        0.050836561979915144, -0.14219998992000202, 0.026733202726309066
      ],
      [
        -0.06051497628757747, 0.16939324543485298, -0.045422799933724105, -0.16376933491522958, -0.057320055978315,
        0.007920585381867382, -0.1639197485272862, 0.05607374760676612
      ],
      [
        -0.06316040868628832, 0.12877007712835695, -0.1062546077613678, -0.14632543193508762, -0.0318668914364727,
        0.013113894271025928, -0.087619876747375, -0.009935798816443513
      ],
      [
        -0.0830903493529109, 0.11462175148407107, -0.038760134480398285, -0.14451466957516634, -0.03721718693245258,
        0.06665949277432243, -0.12738013752188185, -0.0008423004372117919
      ]
    ])
  })

  aliasLaws(novograd)

  const make = (options: object) => () => novograd(0.1, options as NovogradOptions)
  refuses([
    ['scaleByNovograd: weightDecay must be a finite number ≥ 0 or a schedule, got -1', make({ weightDecay: -1 })],
    ['novograd: there is no option mask; there are b1, b2, eps, epsRoot, weightDecay, muDtype', make({ mask: 0.1 })]
  ])
})
