import {
  type AnyGradientTransformation,
  applyUpdates,
  chain,
  type GradientTransformation,
  ndarray
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clipByGlobalNorm } from '../clipping/clipByGlobalNorm.js'
import { addDecayedWeights } from '../decay/addDecayedWeights.js'
import { decayFirst } from '../decay/decayFirst.js'
import { aBlockCourse, emittedBlocks } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { expectWaves } from '../internal/testing/waves.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { scaleByAdopt } from '../moments/scaleByAdopt.js'
import { scaleByLaprop } from '../moments/scaleByLaprop.js'
import { scaleByRms } from '../moments/scaleByRms.js'
import { scaleByLion } from '../momentum/scaleByLion.js'
import { trace } from '../momentum/trace.js'
import { scaleByTrustRatio } from '../norms/scaleByTrustRatio.js'
import { scale } from '../scaling/scale.js'
import { scaleByLearningRate } from '../scaling/scaleByLearningRate.js'
import { type CautiousOptions, cautious } from './cautious.js'
import { mars } from './mars.js'

const aNormalization = fc.constantFrom('share' as const, 'paper' as const, 'none' as const)

describe('cautious', () => {
  test('keeps what goes with the gradient, and makes up for the rest as it was told', () => {
    fc.assert(
      fc.property(aBlockCourse(), aNormalization, fc.boolean(), (course, normalize, descends) => {
        const inner = () => chain(trace(0.9), scale(descends ? -1 : 1))
        const plain = emittedBlocks(inner(), course)
        const found = emittedBlocks(cautious(inner(), { descends, normalize }), course)
        found.forEach((blocks, t) => {
          blocks.forEach((block, leaf) => {
            const gs = course.steps[t]?.grads[leaf] ?? []
            const vs = plain[t]?.[leaf] ?? []
            const isKept = vs.map((v, i) => Math.sign(v) * Math.sign(gs[i] as number) === (descends ? -1 : 1))
            const k = isKept.filter((kept) => kept).length
            const by = { share: Math.max(k / vs.length, 1e-3), paper: (k + 1) / vs.length, none: 1 }[normalize]
            block.forEach((u, i) => {
              const wanted = isKept[i] ? (vs[i] as number) / by : 0
              expect(Math.abs(u - wanted)).toBeLessThanOrEqual(1e-12 * Math.abs(wanted))
            })
          })
        })
      })
    )
  })

  // timm 1.0.29, AdamWLegacy(caution=True): the params after steps 1, 2 and 10.
  test('around scaleByAdam it is what timm gives', () => {
    const tx = chain(cautious(scaleByAdam(), { descends: false }), addDecayedWeights(0.01), scaleByLearningRate(1e-3))
    let params = {
      s: Float64Array.of(1),
      m: ndarray(
        Float64Array.from({ length: 12 }, (_, k) => 0.5 + 0.1 * k),
        [4, 3]
      )
    }
    let state = tx.init(params)
    const seen: number[][] = []
    for (let t = 1; t <= 10; t++) {
      const gradients = {
        s: Float64Array.of(0.5 * Math.cos(t)),
        m: ndarray(
          Float64Array.from({ length: 12 }, (_, k) => 0.5 * Math.cos(t + 0.3 * k)),
          [4, 3]
        )
      }
      const [updates, next] = tx.update(gradients, state, params)
      params = applyUpdates(params, updates)
      state = next
      seen.push([params.s[0] as number, params.m.data[0] as number, params.m.data[11] as number])
    }
    const wanted = [
      [0.99899000003702, 0.498995000037, 1.60098399995],
      [0.99898001013702, 0.498990010087, 1.600715160428],
      [1.0001783620416, 0.50083125573, 1.598368273977]
    ]
    for (const [i, t] of [0, 1, 9].entries()) {
      seen[t]?.forEach((x, j) => {
        expect(x).toBeCloseTo(wanted[i]?.[j] as number, 11)
      })
    }
  })

  // timm 1.0.29 with caution=True: lr=0.1, weight_decay=0.1 and the defaults of each class, unless said otherwise.
  const held = { descends: false } as const
  const decayed = () => chain(addDecayedWeights(0.1), scale(-0.1))
  const rms = scaleByRms({ decay: 0.9, eps: 1e-10, initialScale: 1 })
  const lamb = cautious(scaleByAdam({ eps: 1e-6 }), held)
  test.each<[string, AnyGradientTransformation, readonly (readonly [number, number])[], number?]>([
    [
      'cadamw',
      chain(cautious(scaleByAdam(), held), decayed()),
      [
        [0.3950000037016313, 1.68399999500997],
        [0.39105000366461495, 1.641877026845044],
        [0.5395815761865024, 1.3041654680566288]
      ]
    ],
    [
      'clion',
      chain(cautious(scaleByLion(), held), decayed()),
      [
        [0.395, 1.6840000000000002],
        [0.49105, 1.56716],
        [0.6756731472842382, 1.223529210234251]
      ]
    ],
    [
      'cadopt, without a decay',
      chain(cautious(scaleByAdopt({ clipValueFn: (t) => t ** 0.333 }), held), scale(-0.1)),
      [
        [0.5, 1.6],
        [0.5077021110594465, 1.59],
        [0.5939495129491332, 1.492343600330945]
      ]
    ],
    [
      // Its steps are kept in float32.
      'claprop, without a decay',
      chain(cautious(scaleByLaprop(), held), scale(-0.1)),
      [
        [0.4, 1.7],
        [0.4, 1.684464818772169],
        [0.5898918918933643, 1.4785576904143989]
      ],
      1e-8
    ],
    [
      // Gradients half as large: timm does not bound the first one.
      'cmars',
      chain(scale(0.5), cautious(mars(scaleByAdam({ b2: 0.99 }), { b1: 0.9 }), held), decayed()),
      [
        [0.3950000074032623, 1.6839999900199405],
        [0.40522054084876846, 1.6289696228237234],
        [0.5508344068093183, 1.3054780621571043]
      ]
    ],
    [
      'crmsproptf with momentum=0.9, without a decay',
      chain(cautious(chain(rms, trace(0.9)), held), scale(-0.1)),
      [
        [0.47163832937035916, 1.621076998357649],
        [0.47163832937035916, 1.607136944639399],
        [0.7573883491058175, 1.2764144913113673]
      ]
    ],
    [
      'csgdw with momentum=0.9',
      chain(cautious(trace(0.9), held), decayed()),
      [
        [0.467984884706593, 1.6040399586039988],
        [0.46330503585952704, 1.5763802541395278],
        [0.6645097334101532, 1.1777834197716441]
      ]
    ],
    [
      'csgdw with momentum=0.9, nesterov=True',
      chain(cautious(trace(0.9, { nesterov: true }), held), decayed()),
      [
        [0.4436712809425267, 1.6220759213475977],
        [0.45688627421742034, 1.5694219666663405],
        [0.7146659594591196, 1.1283436865418]
      ]
    ],
    [
      'clamb',
      chain(clipByGlobalNorm(1), lamb, addDecayedWeights(0.1), scaleByTrustRatio(), scale(-0.1)),
      [
        [0.37328786516423096, 1.7013694185813293],
        [0.3678257419499537, 1.6396336802394686],
        [0.536864804494595, 0.872027161234374]
      ]
    ],
    [
      'clambw',
      chain(clipByGlobalNorm(1), decayFirst(chain(lamb, scaleByTrustRatio(), scale(-0.1)), 0.01)),
      [
        [0.38557557061800557, 1.6934242627950353],
        [0.3817198149118255, 1.6437111913528568],
        [0.6715324988209282, 1.137328260093523]
      ]
    ]
  ])('is what timm has as %s', (_, tx, wanted, share) => {
    expectWaves(tx as GradientTransformation<unknown>, wanted, share)
  })

  const make = (options: object) => () => cautious(scale(-1), options as CautiousOptions)
  refuses([
    ['cautious: descends must be true or false, got 1', make({ descends: 1 })],
    ['cautious: normalize must be one of "share", "paper", "none", got true', make({ normalize: true })]
  ])
})
