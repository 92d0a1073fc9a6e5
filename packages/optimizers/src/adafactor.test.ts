import { chain, identity } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import {
  addDecayedWeights,
  clipByBlockRms,
  ema,
  scale,
  scaleByFactoredRms,
  scaleByLearningRate,
  scaleByParamBlockRms
} from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aRate, expectSame, near, refuses } from '../../transforms/src/internal/testing/courses.js'
import { emittedTrees, expectShaped, expectTable, SHAPED, SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type AdafactorOptions, adafactor } from './adafactor.js'

const someOptions = fc.record({
  decayRate: fc.constantFrom(0.5, 1),
  multiplyByParameterScale: fc.boolean(),
  clippingThreshold: fc.constantFrom(null, 0.5),
  momentum: fc.constantFrom(undefined, 0, 0.9),
  weightDecayRate: fc.constantFrom(0, 0.3),
  eps: fc.constantFrom(1e-30, 0.1),
  minDimSizeToFactor: fc.constantFrom(1, 128),
  factored: fc.boolean(),
  weightDecayMask: fc.boolean()
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

const parts = (rate: number | typeof falling, o: AdafactorOptions) =>
  chain(
    scaleByFactoredRms({
      factored: o.factored ?? true,
      decayRate: o.decayRate ?? 0.8,
      minDimSizeToFactor: o.minDimSizeToFactor ?? 128,
      epsilon: o.eps ?? 1e-30
    }),
    typeof o.clippingThreshold === 'number' ? clipByBlockRms(o.clippingThreshold) : identity(),
    scaleByLearningRate(rate, { flipSign: false }),
    o.multiplyByParameterScale ? scaleByParamBlockRms() : identity(),
    o.momentum === undefined ? identity() : ema(o.momentum, { debias: false }),
    addDecayedWeights(o.weightDecayRate ?? 0, { mask: o.weightDecayMask ?? true }),
    scale(-1)
  )

describe('adafactor', () => {
  test('is the chain of its doc block, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(adafactor(falling, options), parts(falling, options), course)
      )
    )
    fc.assert(
      fc.property(someOptions, (options) =>
        expectTable(emittedTrees(adafactor(falling, options), SHAPED), emittedTrees(parts(falling, options), SHAPED))
      )
    )
  })

  // Optax computes the decay rate in float32: it was given one in float64. Its own default is within 1e-6.
  test('is what Optax gives', () => {
    expectShaped(adafactor(0.1), [
      [
        -0.15975241260567344, 0.15975241260567344, -0.15975241260567344, -0.15975241260567344, -0.15975241260567344,
        0.15975241260567344, -0.14577379737113252, 0.14577379737113252
      ],
      [
        -0.20261736011263515, -0.03029005574767214, 0.07611395445466844, 0.1936198191706718, -0.21025422610364902,
        -0.1058693979471687, 0, -0.06945385044780479
      ],
      [
        0.11684490258180119, 0.19525704606492686, -0.012426264014151015, -0.11274903540747852, 0, -0.22627274642960962,
        -0.036056815032717994, 0.04452455846457119
      ],
      [
        -0.05592815841768427, -0.10961038397823374, -0.24137475226143348, 0.12342843991635725, 0.05487904397820484,
        -0.09712876726840702, 0.13585976451616802, -0.1550552301136965
      ],
      [
        -0.24064804575002163, 0.012396578651664159, 0.14753032763817764, -0.02781746106890607, -0.11438084948100172,
        0.24379880121338765, -0.08131225350567606, -0.009700163782217264
      ]
    ])
    expectShaped(
      adafactor(falling, {
        minDimSizeToFactor: 2,
        decayRate: 0.6,
        eps: 0.1,
        clippingThreshold: 0.5,
        multiplyByParameterScale: false,
        momentum: 0.9,
        weightDecayRate: 0.3
      }),
      [
        [
          -0.3019802598574902, 0.604619914947458, -0.15447978683826707, -0.9094849690589816, -0.0763830176809252,
          0.3035761838184248, -0.6050060204717774, 0.15499397227026188
        ],
        [
          -0.3068889751695312, 0.6034834174825651, -0.15050581961931897, -0.9027677648465993, -0.08310217072054907,
          0.30172492242832455, -0.6045054184245997, 0.14989096036725452
        ],
        [
          -0.30317978197910245, 0.6091096888607037, -0.15088886669576038, -0.9060757406681456, -0.08229195364849416,
          0.29537640162379325, -0.6064212817337284, 0.15271209641489766
        ],
        [
          -0.3038116205649411, 0.6057362461485689, -0.1570499112666445, -0.9008501912723355, -0.0797668892952838,
          0.2941294959290261, -0.6024114934812254, 0.14881337170225625
        ],
        [
          -0.3078954377595575, 0.6053932754304763, -0.15350559654638365, -0.9013147398196683, -0.08212918165873276,
          0.2989102512836732, -0.6059476045282391, 0.14849156781937134
        ]
      ]
    )
    const rounded = [
      [
        -0.15975241260567344, 0.15975241260567344, -0.15975241260567344, -0.15975241260567344, -0.15975241260567344,
        0.15975241260567344, -0.14577379737113252, 0.14577379737113252
      ],
      [
        -0.20261736192858096, -0.030290055317674376, 0.07611395358828872, 0.1936198205076864, -0.2102542283705533,
        -0.10586939707287366, 0, -0.0694538496572348
      ],
      [
        0.1168449024254565, 0.19525704673569982, -0.012426263652365007, -0.11274903501387898, 0, -0.2262727501858253,
        -0.03605681391038689, 0.044524557256023334
      ],
      [
        -0.05592815767327869, -0.10961038350123542, -0.24137475477040365, 0.12342843888847864, 0.054879042941014845,
        -0.09712876784502965, 0.13585976379019576, -0.15505523074979513
      ],
      [
        -0.24064804686947092, 0.0123965780738658, 0.14753032537605165, -0.027817459678924284, -0.11438084412657892,
        0.2437988041773513, -0.08131225075313779, -0.00970016346546193
      ]
    ]
    emittedTrees(adafactor(0.1), SHAPED).forEach((row, t) => {
      expect(row.every((u, i) => near(u, rounded[t]?.[i] as number, 1, 1e-6))).toBe(true)
    })
  })

  test('is what PyTorch gives with a capped learning rate and every matrix factored', () => {
    const capped = (t: number) => Math.min(0.1, 1 / Math.sqrt(t + 1))
    expectShaped(adafactor(capped, { minDimSizeToFactor: 1 }), [
      [
        -0.06200659031660405, 0.13758027126351058, -0.13153584147338043, -0.31432491497783266, -0.04358902300417053,
        0.11113063943835522, -0.14577379737113239, 0.1457737973711325
      ],
      [
        -0.17207422648726556, -0.022110856368660947, 0.10442220751381837, 0.21627483980977358, -0.25011414057343595,
        -0.04921690626698538, 0, -0.06945385044780472
      ],
      [
        0.09963440834968362, 0.19437083091423846, -0.013576663465776573, -0.12578797173917478, 0, -0.2056856849314519,
        -0.03605681503271807, 0.04452455846457121
      ],
      [
        -0.03829848809242031, -0.09620662171070382, -0.27139511088431023, 0.17393603004433222, 0.06553965447913501,
        -0.06933179914646637, 0.1358597645161681, -0.15505523011369649
      ],
      [
        -0.23802631311085987, 0.010994421967665424, 0.15612791573500973, -0.029220892186191172, -0.13497113607646327,
        0.2300013103587919, -0.08131225350567606, -0.009700163782217275
      ]
    ])
  })

  test('takes relative steps of at most α d', () => {
    const rmsOf = (xs: readonly number[]) => Math.hypot(...xs) / Math.sqrt(xs.length)
    fc.assert(
      fc.property(fc.constantFrom(0.01, 0.5), fc.constantFrom(0.5, 2), (rate, clippingThreshold) => {
        const tx = adafactor(rate, { clippingThreshold, minDimSizeToFactor: 2 })
        for (const row of emittedTrees(tx, SHAPED)) {
          const [w, b] = [row.slice(0, 6), row.slice(6)]
          expect(rmsOf(w) / rmsOf([1, -2, 0.5, 3, 0.25, -1])).toBeLessThanOrEqual(
            rate * clippingThreshold * (1 + 1e-14)
          )
          expect(rmsOf(b) / rmsOf([2, -0.5])).toBeLessThanOrEqual(rate * clippingThreshold * (1 + 1e-14))
        }
      })
    )
  })

  test('descends also without a learning rate, which is then 1', () => {
    expectSame(adafactor(), adafactor(1), SIX)
    expect(adafactor().update({ w: 3 }, adafactor().init({ w: 1 }), { w: 1 })[0].w).toBe(-1)
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(
          adafactor(0.1, { weightDecayRate: rate }),
          adafactor(0.1, { weightDecayRate: constantSchedule(rate) }),
          course
        )
      )
    )
  })

  test('has one type of state, with null in place of an average that it does not keep', () => {
    const fresh = (options: AdafactorOptions) => adafactor(0.1, options).init({ w: new Float32Array(1) })
    const zeros = { w: new Float32Array(1) }
    const rest = [{ count: 0, vRow: { w: 0 }, vCol: { w: 0 }, v: zeros }, {}, { count: 0 }, {}] as const
    expect(fresh({})).toStrictEqual([...rest, { count: 0, ema: null }, { count: 0 }, {}])
    expect(fresh({ momentum: 0.9 })).toStrictEqual([...rest, { count: 0, ema: zeros }, { count: 0 }, {}])
    const inDouble = fresh({ momentum: 0.9, dtypeMomentum: 'float64', clippingThreshold: null })
    expect(inDouble).toStrictEqual([...rest, { count: 0, ema: { w: new Float64Array(1) } }, { count: 0 }, {}])
    const tx = adafactor(0.1)
    const [, next] = tx.update(zeros, structuredClone(tx.init(zeros)), zeros)
    expect(next[4]).toStrictEqual({ count: 1, ema: null })
  })

  test('counts the steps of its decay rate from decayOffset', () => {
    const late = adafactor(0.1, { decayOffset: 3 })
    expectSame(late, chain(late), SIX)
    const found = emittedTrees(adafactor(0.1, { decayOffset: 100 }), SHAPED)
    // Until then the decay rate is 0, and every update the first.
    const firsts = SHAPED.gradients.map((g) => emittedTrees(adafactor(0.1), { ...SHAPED, gradients: [g] })[0] ?? [])
    expectTable(found, firsts)
  })

  aliasLaws(adafactor)

  const make = (options: object) => () => adafactor(0.1, options as AdafactorOptions)
  refuses([
    ['scaleByFactoredRms: minDimSizeToFactor must be a whole number ≥ 1, got 0', make({ minDimSizeToFactor: 0 })],
    ['scaleByFactoredRms: decayRate must be a finite number ≥ 0, got -1', make({ decayRate: -1 })],
    ['adafactor: decayOffset must be a finite number, got NaN', make({ decayOffset: Number.NaN })],
    ['adafactor: multiplyByParameterScale must be true or false, got 1', make({ multiplyByParameterScale: 1 })],
    ['adafactor: clippingThreshold must be a finite number > 0, got 0', make({ clippingThreshold: 0 })],
    ['adafactor: momentum must be in [0, 1), got 1', make({ momentum: 1 })],
    ['adafactor: momentum must be in [0, 1), got null', make({ momentum: null })],
    [
      'ema: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got "half"',
      make({ dtypeMomentum: 'half' })
    ],
    ['adafactor: weightDecayRate must be a finite number ≥ 0 or a schedule, got -1', make({ weightDecayRate: -1 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ weightDecayMask: { w: 1 } })],
    [
      'adafactor: there is no option weightDecay; there are minDimSizeToFactor, decayRate, decayOffset, multiplyByParameterScale, clippingThreshold, momentum, dtypeMomentum, accumulatorDtype, weightDecayRate, eps, factored, weightDecayMask',
      make({ weightDecay: 0.1 })
    ]
  ])
})
