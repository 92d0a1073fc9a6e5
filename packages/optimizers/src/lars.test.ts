import { chain, step } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { addDecayedWeights, masked, scale, scaleByLearningRate, scaleByTrustRatio, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  type BlockOracle,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../../transforms/src/internal/testing/blocks.js'
import { aDecay, aRate, refuses } from '../../transforms/src/internal/testing/courses.js'
import { type LarsOptions, lars } from './lars.js'

const falling = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
const someOptions = fc.record({
  trustCoefficient: fc.constantFrom(1e-3, 0.5, 1),
  eps: fc.constantFrom(0, 1e-8, 1),
  momentum: aDecay,
  nesterov: fc.boolean()
})
type Numbers = Required<Pick<LarsOptions, 'trustCoefficient' | 'eps' | 'momentum' | 'nesterov'>>

/** The steps before momentum, one after the other. */
const scaledSteps = (
  { trustCoefficient, eps }: Numbers,
  ...[steps, shapes]: Parameters<BlockOracle>
): readonly (readonly (readonly number[])[])[] =>
  steps.map(({ grads, params }, t) =>
    shapes.map((_, i) => {
      const [g, p] = [grads[i] as readonly number[], params[i] as readonly number[]]
      const [n, m] = [normOf(p), normOf(g)]
      const ratio = n === 0 || m === 0 ? 1 : (trustCoefficient * n) / (m + eps)
      return g.map((x) => -falling(t) * ratio * x)
    })
  )

const added = (options: Numbers, sign: (x: number) => number): BlockOracle => {
  return (steps, shapes) => {
    const all = scaledSteps(options, steps, shapes)
    return shapes.map((_, i) =>
      (all[0]?.[i] ?? []).map((_, k) => {
        const history = all.map((blocks) => sign(blocks[i]?.[k] as number))
        const sum = history.reduce((total, x) => options.momentum * total + x, 0)
        return options.nesterov ? (history[history.length - 1] as number) + options.momentum * sum : sum
      })
    )
  }
}

describe('lars', () => {
  test('is the decaying sum of −α times the gradient at η times the length of the params', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectBlockOracle(
          lars(falling, options),
          course,
          added(options, (x) => x),
          { sizes: added(options, Math.abs) }
        )
      )
    )
  })

  test('is addDecayedWeights, masked scaleByTrustRatio, scaleByLearningRate, trace, with the options handed on', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, fc.boolean(), fc.boolean(), (course, options, decays, scales) =>
        expectSameBlocks(
          lars(falling, { ...options, weightDecay: falling, weightDecayMask: decays, trustRatioMask: scales }),
          chain(
            addDecayedWeights(falling, { mask: decays }),
            masked(scaleByTrustRatio({ trustCoefficient: options.trustCoefficient, eps: options.eps }), scales),
            scaleByLearningRate(falling),
            trace(options.momentum, { nesterov: options.nesterov })
          ),
          course
        )
      )
    )
  })

  test("with trustDenominator 'sum' it is the Lars of timm", () => {
    const tx = lars(1, { weightDecay: 0.1, trustCoefficient: 0.1, eps: 1e-8, trustDenominator: 'sum' })
    let [params, state] = [{ w: Float64Array.of(1, 2) }, tx.init({ w: Float64Array.of(1, 2) })]
    // timm 1.0.29, Lars(lr=1, momentum=0.9, weight_decay=0.1, trust_coeff=0.1).
    for (const [t, wanted] of [
      [0.8166666680331526, 2.049999999627322],
      [0.47730041250700206, 2.085230278814457],
      [0.2707846890103025, 1.9513914312416138],
      [0.2142607265324951, 1.6979398616148802],
      [0.25758518857158075, 1.3362439161048691]
    ].entries()) {
      ;[params, state] = step(tx, { w: Float64Array.of(Math.cos(t), -0.5 * Math.cos(t) + t * 0.1) }, state, params)
      for (const [i, x] of wanted.entries()) expect(params.w[i]).toBeCloseTo(x, 13)
    }
  })

  test('takes each mask for its own part', () => {
    const tx = lars(1, {
      weightDecay: 0.5,
      weightDecayMask: { w: true, b: false },
      trustCoefficient: 1,
      trustRatioMask: { w: false, b: true }
    })
    const params = { w: 8, b: 8 }
    expect(tx.update({ w: 1, b: 1 }, tx.init(params), params)[0]).toStrictEqual({ w: -5, b: -8 })
  })

  test('is odd in the gradients, and takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aBlockCourse(), aRate, (course, rate) => {
        expectSameBlocks(chain(scale(-1), lars(rate)), chain(lars(rate), scale(-1)), course)
        expectSameBlocks(
          lars(rate, { weightDecay: 0.1 }),
          lars(constantSchedule(rate), { weightDecay: constantSchedule(0.1) }),
          course
        )
      })
    )
  })

  test('has one form of state whatever the masks', () => {
    const params = { w: 0 }
    const forms = [
      lars(1),
      lars(1, { trustRatioMask: false, weightDecayMask: () => true, nesterov: true, trustDenominator: 'sum' })
    ]
    for (const tx of forms) {
      expect(tx.init(params)).toStrictEqual([{ innerState: { count: 0 } }, { count: 0 }, { count: 0, trace: { w: 0 } }])
    }
  })

  test('is what Optax gives', () => {
    expectBlockGolden(lars(0.5), [
      [
        -0.0002593431765995222, 0.0010373727063980888, -0.0015560590595971333, -0.0006483579414988056,
        -0.0003890147648992833, 6.483579414988055e-5, -8.296047538551401e-5, 0.00033184190154205605,
        -0.00016592095077102803, 0.001
      ],
      [
        -0.0009472427496518364, 0.000814663120639569, -0.0009245638931625757, -0.0015353006682986134,
        -0.00011216865817193286, -0.0007744539910960849, -7.466442784696261e-5, 0.00029865771138785045,
        -0.00014932885569392523, 0.00015000000000000007
      ],
      [
        0.37414748152531335, 1.0007331968085755, -0.06333210750384632, 0.49861822939853123, -1.5001009517923547,
        -0.25069700859198646, 0.00012572454115900077, 0.00019644599291609023, -0.00023085723323516626,
        0.00013450000000000004
      ],
      [
        0.33673273337278203, 0.9003600644521197, -0.058198147455855075, 0.4488313596275777, -1.350128333197569,
        -0.22592712040838617, -0.00033888412245109187, 0.0005534982348696417, -0.0002454411940361657, 0.25012105
      ],
      [
        0.3029685532681597, 0.8103695113905799, -0.05274195977964618, 0.4037664101301316, -1.214388245739059,
        -0.20442528957567738, -0.0002193788490536358, -0.0001867864778360976, -0.0005633645192419367, 0.224608945
      ]
    ])
    expectBlockGolden(
      lars((t) => 0.5 / (1 + t), {
        weightDecay: 0.25,
        weightDecayMask: [true, false, true],
        trustCoefficient: 0.5,
        eps: 0.125,
        trustRatioMask: [true, true, false],
        momentum: 0.7,
        nesterov: true
      }),
      [
        [
          -0.27684109828628223, 0.9228036609542742, -1.1535045761928429, -0.484471922000994, -0.5536821965725645,
          0.18456073219085484, -0.06357933040580138, 0.25431732162320553, -0.12715866081160276, 0.85
        ],
        [
          -0.4312264171995722, 0.2902212082011811, -0.1749426775592975, -0.5516645076738323, -0.159590750776798,
          -0.23764256595261296, -0.01832580699931922, 0.07330322799727688, -0.03665161399863844, -0.23312500000000003
        ],
        [
          0.05534840752960608, 0.7598417262302998, -0.22274515110993304, 0.06682454297394122, -0.9617135255437586,
          -0.18825902870717298, 0.03908208508321008, 0.031845953354568746, -0.05161120479041367, -0.03721666666666667
        ],
        [
          -0.07418079601568546, 0.24770651245505704, -0.391952987981087, -0.06625738925827786, -0.3449920518404107,
          -0.12792944666113715, -0.08430662945002121, 0.10554880635344499, -0.03296456964734161, 0.10939416666666665
        ],
        [
          -0.13616489686506306, 0.18907101342785682, -0.27640315924939096, -0.11101395934565324, -0.16938280198624941,
          -0.19865502322088902, -0.009928157706281589, -0.05236568184339504, -0.0676111439697708, -0.26467408333333337
        ]
      ]
    )
  })

  const make = (options: object) => () => lars(0.1, options as LarsOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => lars(-1)],
    ['lars: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ weightDecayMask: { w: 1 } })],
    ['withTrustRatio: mask.w must be true or false, got 1', make({ trustRatioMask: { w: 1 } })],
    ['withTrustRatio: trustCoefficient must be a finite number ≥ 0, got -1', make({ trustCoefficient: -1 })],
    ['lars: trustDenominator must be one of "update", "sum", got "paper"', make({ trustDenominator: 'paper' })],
    ['lars: momentum must be in [0, 1], got 2', make({ momentum: 2 })],
    [
      'lars: there is no option decay; there are weightDecay, weightDecayMask, trustCoefficient, eps, trustDenominator, trustRatioMask, momentum, nesterov, accumulatorDtype',
      make({ decay: 1 })
    ]
  ])
})
