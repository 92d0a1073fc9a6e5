import { chain, step } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByPolyak } from '@gradchain/transforms'
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
import { refuses } from '../../transforms/src/internal/testing/courses.js'
import { type PolyakSgdOptions, polyakSgd } from './polyakSgd.js'

const falling = linearSchedule({ initValue: 1, endValue: 0.5, transitionSteps: 5 })
const someOptions = fc.record({
  fMin: fc.constantFrom(-1, 0, 2.5),
  maxLearningRate: fc.constantFrom(0, 1e-3, 1, 1e6),
  eps: fc.constantFrom(0, 1e-8, 1),
  variant: fc.constantFrom('sps' as const, 'sps+' as const)
})

describe('polyakSgd', () => {
  test('is −h times the smaller of (f − f*) / (‖h‖² + eps) and the longest step, h being the scaled gradient', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectBlockOracle(polyakSgd({ ...options, scaling: falling }), course, (steps) => {
          const { grads, value } = lastStep(steps)
          const h = grads.map((g) => g.map((x) => falling(steps.length - 1) * x))
          const square = normOf(h.flat()) ** 2 + options.eps
          const gap = options.variant === 'sps' ? value - options.fMin : Math.max(0, value - options.fMin)
          const rate = square <= 2 ** -52 ? 0 : Math.min(gap / square, options.maxLearningRate)
          return h.map((row) => row.map((x) => -rate * x))
        })
      )
    )
  })

  test('is scaleByLearningRate of the scaling, then scaleByPolyak, with the options handed on', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectSameBlocks(
          polyakSgd({ ...options, scaling: falling }),
          chain(scaleByLearningRate(falling), scaleByPolyak(options)),
          course
        )
      )
    )
  })

  test('takes a number for its constant schedule, bit for bit, and 1 unless told otherwise', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        expectSameBlocks(polyakSgd({ scaling: 0.3 }), polyakSgd({ scaling: constantSchedule(0.3) }), course)
        expectSameBlocks(polyakSgd(), polyakSgd({ scaling: 1 }), course)
      })
    )
  })

  test('halves a step for twice the scaling, while the bound is far', () => {
    const at = (scaling: number) => polyakSgd({ scaling, maxLearningRate: 1e9 })
    const [one] = at(1).update({ w: 3 }, at(1).init({ w: 0 }), { w: 0 }, { value: 5 })
    const [two] = at(2).update({ w: 3 }, at(2).init({ w: 0 }), { w: 0 }, { value: 5 })
    expect(one.w).toBeCloseTo(2 * two.w, 14)
  })

  test('reaches the minimum of |x| in one step', () => {
    const tx = polyakSgd({ maxLearningRate: 100 })
    const params = { x: new Float64Array([-7]) }
    expect(step(tx, { x: new Float64Array([-1]) }, tx.init(params), params, { value: 7 })[0]).toStrictEqual({
      x: new Float64Array([0])
    })
  })

  test('is what Optax gives', () => {
    expectBlockGolden(polyakSgd(), [
      [
        -0.09233305853256389, 0.36933223413025557, -0.5539983511953833, -0.23083264633140974, -0.13849958779884583,
        0.023083264633140973, -0.046166529266281946, 0.18466611706512778, -0.09233305853256389, 0.27699917559769166
      ],
      [
        -0.3016759776536313, -0.05027932960893855, 0.2011173184357542, -0.4022346368715084, 0.1005586592178771,
        -0.35195530726256985, -0, -0, -0, -0.15083798882681565
      ],
      [
        -0.018334606569900685, -0.04889228418640183, 0.0030557677616501145, -0.024446142093200916, 0.07333842627960274,
        0.012223071046600458, -0.04889228418640183, 0.018334606569900685, 0.024446142093200916, 0.006111535523300229
      ],
      [
        -0, -0.07898448519040903, -0.3159379407616361, 0.019746121297602257, -0.009873060648801129,
        -0.07898448519040903, -0.11847672778561355, 0.09873060648801128, -0.009873060648801129, 0.039492242595204514
      ],
      [
        -0.002997938916994566, 0.001498969458497283, -0.011991755667978264, -0.005995877833989132, 0.02398351133595653,
        -0.035975267003934795, 0.002997938916994566, -0.02398351133595653, -0.011991755667978264, -0.09593404534382612
      ]
    ])
    expectBlockGolden(polyakSgd({ maxLearningRate: 0.125, scaling: 0.5, fMin: 0.5, eps: 0.25, variant: 'sps+' }), [
      [-0.03125, 0.125, -0.1875, -0.078125, -0.046875, 0.0078125, -0.015625, 0.0625, -0.03125, 0.09375],
      [-0.09375, -0.015625, 0.0625, -0.125, 0.03125, -0.109375, -0, -0, -0, -0.046875],
      [0, 0, -0, 0, -0, -0, 0, -0, -0, -0],
      [-0, -0.0625, -0.25, 0.015625, -0.0078125, -0.0625, -0.09375, 0.078125, -0.0078125, 0.03125],
      [-0, 0, -0, -0, 0, -0, 0, -0, -0, -0]
    ])
  })

  const make = (options: object) => () => polyakSgd(options as PolyakSgdOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', make({ scaling: -1 })],
    ['scaleByPolyak: variant must be one of "sps", "sps+", got "max"', make({ variant: 'max' })],
    ['polyakSgd: there is no option lr; there are fMin, maxLearningRate, eps, variant, scaling', make({ lr: 1 })],
    [
      'scaleByPolyak: value must be a number, got undefined',
      // @ts-expect-error -- the value of the loss is needed
      () => polyakSgd().update({ w: 1 }, polyakSgd().init({ w: 1 }), { w: 1 })
    ]
  ])
})
