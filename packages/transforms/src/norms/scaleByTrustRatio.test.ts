import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  eachBlock,
  emittedBlocks,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByTrustRatioOptions, scaleByTrustRatio } from './scaleByTrustRatio.js'

const someOptions = fc.record({
  minNorm: fc.constantFrom(0, 1e-6, 0.5, 20),
  trustCoefficient: fc.constantFrom(0, 1e-3, 1, 3),
  eps: fc.constantFrom(0, 1e-8, 1)
})

describe('scaleByTrustRatio', () => {
  test('is g times τ ‖p‖ / (‖g‖ + eps), the norms being at least the minimum', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) => {
        const { minNorm, trustCoefficient, eps } = options
        expectBlockOracle(
          scaleByTrustRatio(options),
          course,
          eachBlock((g, p) => {
            const [n, m] = [Math.max(normOf(p), minNorm), Math.max(normOf(g), minNorm)]
            return g.map((x) => (n === 0 || m === 0 ? x : (x * trustCoefficient * n) / (m + eps)))
          })
        )
      })
    )
  })

  test('gives an update τ times the length of its params, when there are no bounds', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(0.25, 1, 3), (course, trustCoefficient) => {
        const found = emittedBlocks(scaleByTrustRatio({ trustCoefficient }), course)
        found.forEach((blocks, t) => {
          blocks.forEach((u, i) => {
            const { grads, params } = course.steps[t] ?? { grads: [], params: [] }
            const [length, wanted] = [normOf(u), trustCoefficient * normOf(params[i] ?? [])]
            if (normOf(grads[i] ?? []) > 0 && wanted > 0) expect(Math.abs(length - wanted)).toBeLessThan(1e-13 * wanted)
          })
        })
      })
    )
  })

  test('is the identity where the params or the update are zero', () => {
    const params = { zero: new Float32Array(2), still: new Float32Array([1, 2]), number: 0 }
    const grads = { zero: new Float32Array([3, 0.1]), still: new Float32Array([0, -0]), number: -0.3 }
    expect(scaleByTrustRatio({ trustCoefficient: 9, eps: 1 }).update(grads, {}, params)[0]).toStrictEqual(grads)
  })

  test('is blind to the scale of the gradient, but where the params are zero, exactly for powers of two', () => {
    const noZeros = fc.integer({ min: 1, max: 64 }).map((n) => n / 8)
    fc.assert(
      fc.property(aBlockCourse(noZeros), fc.integer({ min: -8, max: 8 }), (course, power) => {
        const shapes = course.shapes.map((shape) => (shape?.includes(0) ? [0] : shape))
        const steps = course.steps.map((step) => ({ ...step, params: step.params.map((p) => p.map((x) => x || 1)) }))
        expectSameBlocks(chain(scale(2 ** power), scaleByTrustRatio()), scaleByTrustRatio(), { shapes, steps })
      })
    )
  })

  test('is odd in the update', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectSameBlocks(
          chain(scale(-1), scaleByTrustRatio(options)),
          chain(scaleByTrustRatio(options), scale(-1)),
          course
        )
      )
    )
  })

  test('is finite for gradients so small that the ratio is not', () => {
    const params = { w: new Float32Array([3e8, 4e8]), n: 1 }
    const tiny = { w: new Float32Array([3e-45, 4e-45]), n: 5e-324 }
    const [{ w, n }] = scaleByTrustRatio().update(tiny, {}, params)
    // 3e-45 and 4e-45 are 2 and 3 times the least number of float32; the square of 5e-324 is 0, its norm is not.
    expect(w[0]).toBeCloseTo(5e8 * (2 / Math.sqrt(13)), -9)
    expect(n).toBe(1)
  })

  test('stays as it is in a chain with the identity', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) =>
        expectSameBlocks(chain(identity(), scaleByTrustRatio()), scaleByTrustRatio(), course)
      )
    )
  })

  test('keeps the dtypes of the updates', () => {
    expectDtypesKept(scaleByTrustRatio())
    expectFloat32InChain(scaleByTrustRatio())
  })

  test('is what Optax gives', () => {
    expectBlockGolden(scaleByTrustRatio(), [
      [
        0.5186863531990444, -2.0747454127961777, 3.1121181191942666, 1.296715882997611, 0.7780295297985667,
        -0.1296715882997611, 0.16592095077102803, -0.6636838030841121, 0.33184190154205606, -2
      ],
      [
        1.4276677814245327, 0.2379446302374221, -0.9517785209496884, 1.9035570418993768, -0.4758892604748442,
        1.6656124116619546, 0, 0, 0, 1.5
      ],
      [-0.75, -2, 0.125, -1, 3, 0.5, -0.3858450524425343, 0.14469189466595037, 0.19292252622126715, 0.001],
      [
        0, 0.599625351196689, 2.398501404786756, -0.14990633779917226, 0.07495316889958613, 0.599625351196689,
        0.9040724189883851, -0.7533936824903209, 0.07533936824903209, -0.5
      ],
      [
        0.18181353468830655, -0.09090676734415327, 0.7272541387532262, 0.3636270693766131, -1.4545082775064524,
        2.1817624162596787, -0.17123372230469378, 1.3698697784375502, 0.6849348892187751, 1
      ]
    ])
    expectBlockGolden(scaleByTrustRatio({ minNorm: 0.5, trustCoefficient: 0.25, eps: 0.125 }), [
      [
        0.12566748915268267, -0.5026699566107307, 0.754004934916096, 0.31416872288170666, 0.188501233729024,
        -0.031416872288170666, 0.037399606121059636, -0.14959842448423855, 0.07479921224211927, -0.46153846153846156
      ],
      [
        0.3437352983912775, 0.05728921639854624, -0.22915686559418497, 0.45831373118836993, -0.11457843279709248,
        0.4010245147898237, 0, 0, 0, 0.3214285714285714
      ],
      [
        -0.023580572469540134, -0.06288152658544036, 0.003930095411590022, -0.03144076329272018, 0.09432228987816053,
        0.01572038164636009, -0.10066457613584906, 0.0377492160509434, 0.05033228806792453, 0.05
      ],
      [
        0, 0.1456250980277245, 0.582500392110898, -0.036406274506931124, 0.018203137253465562, 0.1456250980277245,
        0.2124454620431039, -0.17703788503591994, 0.017703788503591993, -0.1
      ],
      [
        0.040149915583693636, -0.020074957791846818, 0.16059966233477455, 0.08029983116738727, -0.3211993246695491,
        0.48179898700432366, -0.03502507956232373, 0.28020063649858984, 0.14010031824929492, 0.23529411764705882
      ]
    ])
  })

  const make = (options: object) => () => scaleByTrustRatio(options as ScaleByTrustRatioOptions)
  refuses([
    ['scaleByTrustRatio: minNorm must be a finite number ≥ 0, got -1', make({ minNorm: -1 })],
    [
      'scaleByTrustRatio: trustCoefficient must be a finite number ≥ 0, got NaN',
      make({ trustCoefficient: Number.NaN })
    ],
    ['scaleByTrustRatio: eps must be a finite number ≥ 0, got null', make({ eps: null })],
    ['scaleByTrustRatio: there is no option min; there are minNorm, trustCoefficient, eps', make({ min: 1 })],
    // @ts-expect-error -- the minimum is an option
    ['scaleByTrustRatio: options must be an object, got 0.5', () => scaleByTrustRatio(0.5)]
  ])
})
