import { chain, step } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByLearningRate, scaleByTrustRatio } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  lastStep,
  normOf
} from '../../transforms/src/internal/testing/blocks.js'
import { aRate, refuses } from '../../transforms/src/internal/testing/courses.js'
import { type FromageOptions, fromage } from './fromage.js'

const falling = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })

describe('fromage', () => {
  test('brings the params to (p − α g ‖p‖ / ‖g‖) / √(1 + α²)', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(0, 1e-6, 1), (course, minNorm) =>
        expectBlockOracle(
          fromage(falling, { minNorm }),
          course,
          (steps) => {
            const { grads, params } = lastStep(steps)
            const a = falling(steps.length - 1)
            return grads.map((g, i) => {
              const p = params[i] as readonly number[]
              const [n, m] = [Math.max(normOf(p), minNorm), Math.max(normOf(g), minNorm)]
              const ratio = n === 0 || m === 0 ? 1 : n / m
              return g.map((x, k) => ((p[k] as number) - a * ratio * x) / Math.sqrt(1 + a * a) - (p[k] as number))
            })
          },
          {
            sizes: (steps) => lastStep(steps).params.map((p, i) => [normOf(p), normOf(lastStep(steps).grads[i] ?? [])])
          }
        )
      )
    )
  })

  test('is scaleByTrustRatio, scaleByLearningRate, addDecayedWeights', () => {
    const a = 0.75
    const c = 0.8
    fc.assert(
      fc.property(aBlockCourse(), (course) =>
        expectSameBlocks(
          fromage(a),
          chain(scaleByTrustRatio({ minNorm: 1e-6 }), scaleByLearningRate(a * c), addDecayedWeights(c - 1)),
          course,
          1e-14
        )
      )
    )
  })

  test('keeps the length of params that the gradient is orthogonal to', () => {
    const tx = fromage(0.3)
    let params = { w: new Float64Array([3, -4, 0]) }
    let state = tx.init(params)
    for (let t = 0; t < 20; t++) {
      const [x = 0, y = 0] = params.w
      ;[params, state] = step(tx, { w: new Float64Array([-y, x, 0]) }, state, params)
      expect(normOf([...params.w])).toBeCloseTo(5, 13)
    }
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aBlockCourse(), aRate, (course, rate) =>
        expectSameBlocks(fromage(rate), fromage(constantSchedule(rate)), course)
      )
    )
  })

  test('is what Optax gives', () => {
    expectBlockGolden(fromage(0.1), [
      [
        -0.056574030938755064, 0.21637050417499878, -0.3121487317874713, -0.1302687553193635, -0.0923052610931487,
        0.020347019972202188, -0.017130102888968712, 0.06603900666086948, -0.02929739598792669, 0.1890818184619764
      ],
      [
        -0.14826176601571303, -0.01623216094468383, 0.09098339517629168, -0.19189240993260484, 0.037427131679378396,
        -0.1607718196178888, -0.001240702447502684, -0.000620351223751342, 0.002481404895005368, -0.1566997932165145
      ],
      [
        1.9380164421043417e-8, 5.168043845611578e-8, -3.230027403507236e-9, 2.584021922805789e-8, -7.752065768417367e-8,
        -1.2920109614028945e-8, 0.03653196401263051, -0.013156679183954014, -0.019506684453817938,
        -0.00010446652881100967
      ],
      [
        -0.008684917132518788, -0.05718354756833778, -0.24486332209088602, 0.011194130773327735, -0.01242092884792863,
        -0.058424250015840465, -0.09243997284866046, 0.0768265269659666, -0.012459357119481993, 9.950371902099893e-8
      ],
      [
        -0.028016742449861368, 0.007804858987417264, -0.07980870616437569, -0.04114505552969053, 0.1422475780637138,
        -0.21771382566183012, 0.013316284848617955, -0.1338257326340027, -0.07435708100201745, -0.0945409092309882
      ]
    ])
    expectBlockGolden(fromage(0.75, { minNorm: 0.5 }), [
      [
        -0.5112118119194267, 1.6448472476777067, -1.9672708715165603, -0.8280295297985667, -1.06681771787914,
        0.3778029529798566, -0.12455257046261682, 0.3982102818504673, -0.04910514092523369, 0.8000000000000003
      ],
      [
        -1.1066006688547196, 0.15723322185754665, 0.42106711256981316, -1.2421342251396261, -0.11446644371509335,
        -0.799367446997173, -0.04999999999999999, -0.024999999999999994, 0.09999999999999998, -1.2000000000000002
      ],
      [
        0.058430472584507606, 0.15581459355868693, -0.009738412097417933, 0.07790729677934347, -0.23372189033803042,
        -0.03895364838967173, 0.17939949120152646, -0.04539980920057242, -0.1396997456007632, -0.15020000000000003
      ],
      [
        -0.3499999999999999, -0.2597752107180135, -1.689100842872054, -0.06005619732049659, -0.24497190133975164,
        -0.3097752107180135, -0.6424434513930312, 0.5270362094941926, -0.24520362094941922, 0.30000000000000004
      ],
      [
        -0.5090881208129838, 0.0045440604064919815, -0.7363524832519357, -0.41817624162596784, 0.7727049665038715,
        -1.3340574497558073, -0.04725976661718369, -0.7219218670625303, -0.6609609335312651, -0.40000000000000013
      ]
    ])
    expectBlockGolden(
      fromage((t) => 0.5 / (1 + t)),
      [
        [
          -0.3375363979509899, 1.1389999738037915, -1.4445679382054768, -0.6063021746272855, -0.6646638104266112,
          0.21635011073785265, -0.08739870608809348, 0.29680841985233186, -0.06922460317610282, 0.6832815729997476
        ],
        [
          -0.38358217253036897, -0.012923799836670115, 0.2084470735836881, -0.47660914687671246, 0.05570509952800835,
          -0.37411284747603796, -0.007464374963667031, -0.0037321874818335155, 0.014928749927334062,
          -0.40858968733650164
        ],
        [
          3.201970173555497e-8, 8.538587129481326e-8, -5.336616955925829e-9, 4.269293564740663e-8,
          -1.280788069422199e-7, -2.1346467823703315e-8, 0.05833025731538906, -0.020385681912411635,
          -0.032566647699658564, -0.00017800506347321343
        ],
        [
          -0.013513715751081457, -0.07051330964547611, -0.3071501392624843, 0.012802000357411365, -0.01701891969741254,
          -0.07244384046705918, -0.11599744418181415, 0.09634278168124795, -0.017066821831219596, 1.2403473458920845e-7
        ],
        [
          -0.028016742449861368, 0.007804858987417264, -0.07980870616437569, -0.04114505552969053, 0.1422475780637138,
          -0.21771382566183012, 0.013316284848617955, -0.1338257326340027, -0.07435708100201745, -0.0945409092309882
        ]
      ]
    )
  })

  const make = (options: object) => () => fromage(0.1, options as FromageOptions)
  const noRate = (() => undefined) as unknown as () => number
  refuses([
    ['fromage: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => fromage(-1)],
    // @ts-expect-error -- a learning rate is required
    ['fromage: learningRate must be a finite number ≥ 0 or a schedule, got undefined', () => fromage()],
    ['scaleByTrustRatio: minNorm must be a finite number ≥ 0, got -1', make({ minNorm: -1 })],
    ['fromage: there is no option eps; there are minNorm', make({ eps: 1 })],
    [
      'fromage: learningRate(0) must be a finite number, got undefined',
      () => fromage(noRate).update({ w: 1 }, fromage(noRate).init({ w: 1 }), { w: 1 })
    ]
  ])
})
