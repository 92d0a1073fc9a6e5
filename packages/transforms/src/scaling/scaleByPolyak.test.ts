import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  emittedBlocks,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  lastStep,
  normOf
} from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { scale } from './scale.js'
import { type ScaleByPolyakOptions, scaleByPolyak } from './scaleByPolyak.js'

const someOptions = fc.record({
  fMin: fc.constantFrom(-1, 0, 2.5),
  maxLearningRate: fc.constantFrom(0, 1e-3, 1, 1e6),
  eps: fc.constantFrom(0, 1e-8, 1),
  variant: fc.constantFrom('sps' as const, 'sps+' as const)
})

describe('scaleByPolyak', () => {
  test('is g times the smaller of (f − f*) / (‖g‖² + eps) and the longest step', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectBlockOracle(scaleByPolyak(options), course, (steps) => {
          const { grads, value } = lastStep(steps)
          const square = normOf(grads.flat()) ** 2 + options.eps
          const gap = options.variant === 'sps' ? value - options.fMin : Math.max(0, value - options.fMin)
          const rate = square <= 2 ** -52 ? 0 : Math.min(gap / square, options.maxLearningRate)
          return grads.map((g) => g.map((x) => rate * x))
        })
      )
    )
  })

  test('reaches the minimum of Σ|x| in one step, when all |x| are alike', () => {
    const signs = fc.array(fc.constantFrom(-1, 1), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(signs, fc.double({ min: 0.125, max: 64, noNaN: true }), (row, size) => {
        const params = { w: Float64Array.from(row, (sign) => sign * size) }
        const tx = chain(scaleByPolyak({ maxLearningRate: 1e9 }), scale(-1))
        const value = row.length * size
        const [{ w }] = tx.update({ w: Float64Array.from(row) }, tx.init(params), params, { value })
        w.forEach((u, i) => expect(Math.abs(u + (params.w[i] as number))).toBeLessThan(1e-12 * size))
      })
    )
  })

  test('emits zeros where there is next to no gradient, and where there are no leaves', () => {
    const tiny = { w: new Float64Array([1e-8, 0]) }
    expect(scaleByPolyak().update(tiny, {}, tiny, { value: 1 })[0]).toStrictEqual({ w: new Float64Array(2) })
    expect(scaleByPolyak().update([], {}, [], { value: 1 })[0]).toStrictEqual([])
  })

  test('goes back below f*, unless the variant is sps+', () => {
    const params = { w: 1 }
    expect(scaleByPolyak({ fMin: 3 }).update({ w: 2 }, {}, params, { value: 1 })[0]).toStrictEqual({ w: -1 })
    const plus = scaleByPolyak({ fMin: 3, variant: 'sps+' })
    expect(plus.update({ w: 2 }, {}, params, { value: 1 })[0]).toStrictEqual({ w: 0 })
  })

  test('shows a loss that is NaN, and bounds one that is infinite', () => {
    const at = (value: number) => scaleByPolyak().update({ w: 2 }, {}, { w: 1 }, { value })[0]
    expect(at(Number.NaN)).toStrictEqual({ w: Number.NaN })
    expect(at(Infinity)).toStrictEqual({ w: 2 })
  })

  test('is odd in the gradient, and scales inversely with it while the bound is far', () => {
    fc.assert(
      fc.property(aBlockCourse(fc.integer({ min: 1, max: 64 })), fc.integer({ min: -3, max: 3 }), (course, power) => {
        const tx = scaleByPolyak({ maxLearningRate: 1e30 })
        expectSameBlocks(chain(scale(-1), tx), chain(tx, scale(-1)), course)
        expectSameBlocks(chain(scale(2 ** power), tx), chain(tx, scale(2 ** -power)), course)
      })
    )
  })

  test('gets the value through a chain', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        const inChains = chain(scale(1), chain(scaleByPolyak()))
        expect(emittedBlocks(inChains, course)).toStrictEqual(emittedBlocks(scaleByPolyak(), course))
      })
    )
  })

  test('is what Optax gives', () => {
    expectBlockGolden(scaleByPolyak(), [
      [
        0.09233305853256389, -0.36933223413025557, 0.5539983511953833, 0.23083264633140974, 0.13849958779884583,
        -0.023083264633140973, 0.046166529266281946, -0.18466611706512778, 0.09233305853256389, -0.27699917559769166
      ],
      [
        0.3016759776536313, 0.05027932960893855, -0.2011173184357542, 0.4022346368715084, -0.1005586592178771,
        0.35195530726256985, 0, 0, 0, 0.15083798882681565
      ],
      [
        0.018334606569900685, 0.04889228418640183, -0.0030557677616501145, 0.024446142093200916, -0.07333842627960274,
        -0.012223071046600458, 0.04889228418640183, -0.018334606569900685, -0.024446142093200916, -0.006111535523300229
      ],
      [
        0, 0.07898448519040903, 0.3159379407616361, -0.019746121297602257, 0.009873060648801129, 0.07898448519040903,
        0.11847672778561355, -0.09873060648801128, 0.009873060648801129, -0.039492242595204514
      ],
      [
        0.002997938916994566, -0.001498969458497283, 0.011991755667978264, 0.005995877833989132, -0.02398351133595653,
        0.035975267003934795, -0.002997938916994566, 0.02398351133595653, 0.011991755667978264, 0.09593404534382612
      ]
    ])
    expectBlockGolden(scaleByPolyak({ fMin: 0.5, maxLearningRate: 0.125, eps: 0.25, variant: 'sps+' }), [
      [0.0625, -0.25, 0.375, 0.15625, 0.09375, -0.015625, 0.03125, -0.125, 0.0625, -0.1875],
      [0.1875, 0.03125, -0.125, 0.25, -0.0625, 0.21875, 0, 0, 0, 0.09375],
      [-0, -0, 0, -0, 0, 0, -0, 0, 0, 0],
      [
        0, 0.05578800557880056, 0.22315202231520223, -0.01394700139470014, 0.00697350069735007, 0.05578800557880056,
        0.08368200836820083, -0.0697350069735007, 0.00697350069735007, -0.02789400278940028
      ],
      [0, -0, 0, 0, -0, 0, -0, 0, 0, 0]
    ])
  })

  const make = (options: object) => () => scaleByPolyak(options as ScaleByPolyakOptions)
  refuses([
    ['scaleByPolyak: fMin must be a finite number, got NaN', make({ fMin: Number.NaN })],
    ['scaleByPolyak: maxLearningRate must be a finite number ≥ 0, got -1', make({ maxLearningRate: -1 })],
    ['scaleByPolyak: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByPolyak: variant must be one of "sps", "sps+", got "spsmax"', make({ variant: 'spsmax' })],
    ['scaleByPolyak: there is no option max; there are fMin, maxLearningRate, eps, variant', make({ max: 1 })],
    // @ts-expect-error -- the value is needed
    ['scaleByPolyak: value must be a number, got undefined', () => scaleByPolyak().update({ w: 1 }, {}, { w: 1 })],
    [
      'scaleByPolyak: value must be a number, got "1"',
      // @ts-expect-error -- and is a number
      () => scaleByPolyak().update({ w: 1 }, {}, { w: 1 }, { value: '1' })
    ]
  ])
})
