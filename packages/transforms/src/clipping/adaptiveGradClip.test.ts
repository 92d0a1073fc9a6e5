import { chain, identity, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  eachBlock,
  emittedBlocks,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  unitNorms
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { masked } from '../selection/masked.js'
import { type AdaptiveGradClipOptions, adaptiveGradClip } from './adaptiveGradClip.js'

const aShare = fc.constantFrom(1e-3, 0.1, 1, 50)
const anEps = fc.constantFrom(0, 1e-3, 10)

describe('adaptiveGradClip', () => {
  test('shortens units whose norm is not below λ max(‖p‖, eps)', () => {
    fc.assert(
      fc.property(aBlockCourse(), aShare, anEps, (course, clipping, eps) =>
        expectBlockOracle(
          adaptiveGradClip(clipping, { eps }),
          course,
          eachBlock((g, p, shape) => {
            const [gs, ps] = [unitNorms(g, shape), unitNorms(p, shape)]
            return g.map((x, i) => {
              const [n, c] = [gs[i] as number, clipping * Math.max(ps[i] as number, eps)]
              return n < c ? x : (x * c) / Math.max(n, 1e-6)
            })
          }),
          // Rounding may let a unit of just the largest norm fall on either side: the same number, up to rounding.
          {
            sizes: eachBlock((g, p, shape) =>
              [...g, ...unitNorms(p, shape).map((n) => n * clipping)].map(() => Math.max(0, ...g.map(Math.abs)))
            )
          }
        )
      )
    )
  })

  test('leaves units of at most λ max(‖p‖, eps)', () => {
    fc.assert(
      fc.property(aBlockCourse(), aShare, anEps, (course, clipping, eps) => {
        emittedBlocks(adaptiveGradClip(clipping, { eps }), course).forEach((blocks, t) => {
          blocks.forEach((u, i) => {
            const shape = course.shapes[i] ?? null
            const ps = unitNorms(course.steps[t]?.params[i] ?? [], shape)
            unitNorms(u, shape).forEach((n, k) => {
              expect(n).toBeLessThanOrEqual(clipping * Math.max(ps[k] as number, eps) * (1 + 1e-14))
            })
          })
        })
      })
    )
  })

  test('changes nothing in units that are shorter, bit for bit', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => expectSameBlocks(adaptiveGradClip(1e9, { eps: 1 }), identity(), course))
    )
  })

  test('twice is once, up to rounding', () => {
    fc.assert(
      fc.property(aBlockCourse(), aShare, (course, clipping) => {
        const tx = adaptiveGradClip(clipping)
        expectSameBlocks(chain(tx, tx), tx, course, 1e-14)
      })
    )
  })

  test('is odd in the update', () => {
    fc.assert(
      fc.property(aBlockCourse(), aShare, (course, clipping) => {
        const tx = adaptiveGradClip(clipping)
        expectSameBlocks(chain(scale(-1), tx), chain(tx, scale(-1)), course)
      })
    )
  })

  test('takes the axes that make a unit', () => {
    const params = { rows: ndarray([3, 4, 0, 1], [2, 2]) }
    const grads = { rows: ndarray([6, 8, 0, 1], [2, 2]) }
    const rows = adaptiveGradClip(1, { axis: 1 }).update(grads, {}, params)[0].rows.data
    expect(rows).toStrictEqual(new Float32Array([3, 4, 0, 1]))
    expect(adaptiveGradClip(1, { axis: [-1] }).update(grads, {}, params)[0].rows.data).toStrictEqual(rows)
  })

  test('keeps a NaN in its unit', () => {
    const params = { w: ndarray(new Float64Array([1, 1, 1, 1]), [2, 2]), b: 1 }
    const grads = { w: ndarray(new Float64Array([Number.NaN, 2, 2, 2]), [2, 2]), b: 0.25 }
    const [{ w, b }] = adaptiveGradClip(1).update(grads, {}, params)
    expect(w.data[0]).toBeNaN()
    expect(w.data[2]).toBeNaN()
    expect(w.data[1]).toBeCloseTo(1, 14)
    expect(b).toBe(0.25)
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(adaptiveGradClip(0.1))
    expectFloat32InChain(adaptiveGradClip(0.1))
  })

  test('is what Optax gives', () => {
    expectBlockGolden(adaptiveGradClip(0.1), [
      [
        0.038282074674438824, -0.3375982860438217, 0.1579768098287663, 0.09570518668609707, 0.12659935726643312,
        -0.006582367076198596, 0.016592095077102804, -0.06636838030841122, 0.03318419015420561, -0.2
      ],
      [
        0.08077747210701755, 0.11180339887498948, -0.062017367294604234, 0.10770329614269007, -0.22360679774997896,
        0.10853039276555741, 0, 0, 0, 0.15000000000000002
      ],
      [
        -6.000000000000001e-5, -5.5470019622522915e-5, 2.42535625036333e-5, -8e-5, 8.320502943378438e-5,
        9.70142500145332e-5, -0.03858450524425343, 0.014469189466595036, 0.019292252622126714, 0.0001
      ],
      [
        0, 0.11094003924504585, 0.12366938848016847, -0.19039432764659772, 0.013867504905630731, 0.030917347120042116,
        0.0904072418988385, -0.07533936824903209, 0.007533936824903209, -0.0001
      ],
      [
        0.0625, -0.0034870522040729417, 0.047598581911649424, 0.125, -0.05579283526516707, 0.14279574573494827,
        -0.017123372230469378, 0.13698697784375502, 0.06849348892187751, 0.1
      ]
    ])
    expectBlockGolden(adaptiveGradClip(0.5, { eps: 1.5 }), [
      [
        0.2785430072655778, -1.6879914302191084, 0.7898840491438314, 0.6963575181639445, 0.6329967863321656,
        -0.032911835380992974, 0.1636634176769943, -0.6546536707079772, 0.3273268353539886, -1
      ],
      [0.44999999999999996, 0.25, -0.3721042037676254, 0.6, -0.5, 0.6511823565933444, 0, 0, 0, 0.75],
      [
        -0.44999999999999996, -0.41602514716892186, 0.125, -0.6, 0.6240377207533828, 0.5, -0.6359987280038161,
        0.238499523001431, 0.31799936400190804, 0.25
      ],
      [
        0, 0.7442084075352507, 0.7276068751089989, -0.25, 0.09302605094190634, 0.18190171877724973, 0.5749889084999459,
        -0.4791574237499549, 0.04791574237499549, -0.5
      ],
      [0.0625, -0.03125, 0.23799290955824712, 0.125, -0.5, 0.7139787286747413, -0.0625, 0.5, 0.25, 0.75]
    ])
    expectBlockGolden(masked(adaptiveGradClip(0.1, { axis: 1 }), [true, false, false]), [
      [
        0.031473259089834484, -0.12589303635933793, 0.18883955453900692, 0.28735516821649465, 0.17241310092989678,
        -0.028735516821649463, 0.25, -1, 0.5, -1.5
      ],
      [
        0.1723861396170686, 0.028731023269511435, -0.11492409307804574, 0.16946370914726466, -0.042365927286816166,
        0.1482807455038566, 0, 0, 0, 0.75
      ],
      [
        -3.505237427021916e-5, -9.347299805391777e-5, 5.84206237836986e-6, -3.1234752377721214e-5, 9.370425713316365e-5,
        1.5617376188860607e-5, -2, 0.75, 1, 0.25
      ],
      [
        0, 0.053550416047156255, 0.21420166418862502, -0.03069249070224257, 0.015346245351121285, 0.12276996280897028,
        1.5, -1.25, 0.125, -0.5
      ],
      [
        0.060493142502725646, -0.030246571251362823, 0.24197257001090258, 0.015453063444227515, -0.06181225377691006,
        0.09271838066536509, -0.0625, 0.5, 0.25, 2
      ]
    ])
  })

  const make = (options: object) => () => adaptiveGradClip(0.1, options as AdaptiveGradClipOptions)
  refuses([
    ['adaptiveGradClip: clipping must be a finite number > 0, got 0', () => adaptiveGradClip(0)],
    // @ts-expect-error -- the share is required
    ['adaptiveGradClip: clipping must be a finite number > 0, got undefined', () => adaptiveGradClip()],
    ['adaptiveGradClip: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['adaptiveGradClip: axis must be a whole number or a list of whole numbers, got "0"', make({ axis: '0' })],
    ['adaptiveGradClip: there is no option axes; there are eps, axis', make({ axes: 0 })],
    [
      'unitwiseNorm: axis must be from -1 to 0 for an array of shape [2], got 1',
      () =>
        adaptiveGradClip(1, { axis: 1 }).update(
          [1, 2].map(() => new Float32Array(2)),
          {},
          [1, 2].map(() => new Float32Array(2))
        )
    ]
  ])
})
