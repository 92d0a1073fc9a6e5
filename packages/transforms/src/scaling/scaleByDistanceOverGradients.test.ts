import { chain, step } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  type BlockOracle,
  expectBlockGolden,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { scale } from './scale.js'
import {
  type ScaleByDistanceOverGradientsOptions,
  scaleByDistanceOverGradients
} from './scaleByDistanceOverGradients.js'

const someOptions = fc.record({
  repsRel: fc.constantFrom(1e-6, 1e-2, 5),
  eps: fc.constantFrom(0, 1e-8, 1),
  globalScale: fc.constantFrom(-1, 0, 0.3, 1)
})

const oracle =
  (repsRel: number, eps: number, globalScale: number): BlockOracle =>
  (steps, shapes) =>
    shapes.map((_, i) => {
      const ps = steps.map(({ params }) => params[i] as readonly number[])
      const gs = steps.map(({ grads }) => grads[i] as readonly number[])
      const start = ps[0] as readonly number[]
      const ways = ps.map((p) => normOf(p.map((x, k) => x - (start[k] as number))))
      const distance = Math.max(repsRel * (1 + normOf(start)), ...ways)
      const root = Math.sqrt(normOf(gs.flat()) ** 2 + eps)
      return (gs[gs.length - 1] as readonly number[]).map((g) => (g === 0 ? 0 : (globalScale * distance * g) / root))
    })

describe('scaleByDistanceOverGradients', () => {
  test('is g times the largest distance from the first params over the root of all squares, leaf by leaf', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectBlockOracle(
          scaleByDistanceOverGradients(options),
          course,
          oracle(options.repsRel, options.eps, options.globalScale)
        )
      )
    )
  })

  test('is blind to the scale of the gradients when eps = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.integer({ min: -8, max: 8 }), (course, power) => {
        const tx = scaleByDistanceOverGradients({ eps: 0 })
        expectSameBlocks(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('is odd in the gradients, and a global scale of −1 turns the updates around', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        const tx = scaleByDistanceOverGradients()
        expectSameBlocks(chain(scale(-1), tx), chain(tx, scale(-1)), course)
        expectSameBlocks(scaleByDistanceOverGradients({ globalScale: -1 }), chain(tx, scale(-1)), course)
      })
    )
  })

  test('gives zeros for gradients that have always been zero, also when eps = 0', () => {
    const params = { w: new Float32Array([1, 2]), b: 3 }
    const zeros = { w: new Float32Array(2), b: 0 }
    // In float32 the root of the second one is 0.
    for (const tx of [scaleByDistanceOverGradients({ eps: 0 }), scaleByDistanceOverGradients({ eps: 1e-120 })]) {
      expect(tx.update(zeros, tx.init(params), params)[0]).toStrictEqual(zeros)
    }
  })

  test('finds the minimum of a quadratic without a learning rate', () => {
    const tx = scaleByDistanceOverGradients({ repsRel: 1e-3, globalScale: -1 })
    let params = { x: new Float64Array([3, -2]) }
    let state = tx.init(params)
    for (let t = 0; t < 3000; t++) [params, state] = step(tx, { x: params.x.map((x) => 2 * x) }, state, params)
    expect(normOf([...params.x])).toBeLessThan(1e-3)
  })

  test('keeps the first params in the dtype asked for, and two numbers for each leaf', () => {
    const params = { w: new Float64Array([3, 4.1]), b: -1 }
    expect(
      scaleByDistanceOverGradients({ paramDtype: 'float32', repsRel: 0.5 }).init({ ...params, b: -1 })
    ).toStrictEqual({
      maxDist: { w: 0.5 * (1 + Math.sqrt(9 + 4.1 * 4.1)), b: 1 },
      gradSumOfSquares: { w: 0, b: 0 },
      initParams: { w: new Float32Array([3, 4.1]), b: -1 }
    })
    expect(scaleByDistanceOverGradients().init(params).initParams).toStrictEqual(params)
  })

  test('does not hand on the params themselves', () => {
    const params = { w: new Float64Array([3, 4]) }
    const { initParams } = scaleByDistanceOverGradients().init(params)
    params.w.fill(0)
    expect(initParams).toStrictEqual({ w: new Float64Array([3, 4]) })
  })

  test('keeps the dtypes of its state and of the updates', () => {
    for (const paramDtype of [undefined, 'float64', 'float32', 'bfloat16', 'float16'] as const) {
      expectDtypesKept(scaleByDistanceOverGradients({ paramDtype }))
      expectFloat32InChain(
        scaleByDistanceOverGradients({ paramDtype: paramDtype === 'float64' ? undefined : paramDtype })
      )
    }
  })

  test('is what Optax gives when it keeps the first params in float64', () => {
    expectBlockGolden(scaleByDistanceOverGradients(), [
      [
        6.461369505645651e-7, -2.5845478022582603e-6, 3.87682170338739e-6, 1.6153423764114128e-6, 9.692054258468475e-7,
        -1.6153423764114127e-7, 3.8413883954363434e-7, -1.5365553581745374e-6, 7.682776790872687e-7,
        -2.9999999933333332e-6
      ],
      [
        0.3820287239067851, 0.06367145398446418, -0.2546858159378567, 0.5093716318757134, -0.12734290796892836,
        0.44570017789124927, 0, 0, 0, 0.2236067973524558
      ],
      [
        -0.477596795692301, -1.2735914551794694, 0.07959946594871684, -0.6367957275897347, 1.910387182769204,
        0.31839786379486734, -0.6758832600040624, 0.2534562225015234, 0.3379416300020312, 0.2947364698410542
      ],
      [
        0, 0.5301816182667455, 2.120726473066982, -0.13254540456668637, 0.06627270228334319, 0.5301816182667455,
        0.8384030697537161, -0.6986692247947635, 0.06986692247947635, -0.5656854240441413
      ],
      [
        0.032887378696838346, -0.016443689348419173, 0.13154951478735338, 0.06577475739367669, -0.26309902957470677,
        0.39464854436206015, -0.04055894916347324, 0.3244715933077859, 0.16223579665389296, 2.247805946218658
      ]
    ])
    expectBlockGolden(scaleByDistanceOverGradients({ repsRel: 0.25, eps: 0.5, globalScale: -1 }), [
      [
        -0.15897258100798412, 0.6358903240319365, -0.9538354860479047, -0.39743145251996026, -0.23845887151197617,
        0.03974314525199603, -0.08172197970408883, 0.3268879188163553, -0.16344395940817766, 0.6784005252999682
      ],
      [
        -0.37840966099983264, -0.06306827683330544, 0.2522731073332218, -0.5045462146664436, 0.1261365536666109,
        -0.4414779378331381, -0, -0, -0, -0.3090612688845503
      ],
      [
        0.4747000485089734, 1.2658667960239292, -0.07911667475149557, 0.6329333980119646, -1.8988001940358936,
        -0.3164666990059823, 0.6525698871593131, -0.2447137076847424, -0.32628494357965654, -0.27202944421242076
      ],
      [
        -0, -0.5279463235371742, -2.1117852941486968, 0.13198658088429355, -0.06599329044214677, -0.5279463235371742,
        -0.8194803946128375, 0.6829003288440312, -0.06829003288440312, 0.5252257314388902
      ],
      [
        -0.032750785333082004, 0.016375392666541002, -0.13100314133232802, -0.06550157066616401, 0.26200628266465603,
        -0.393009423996984, 0.03966896334797201, -0.31735170678377606, -0.15867585339188803, -2.172857905020445
      ]
    ])
  })

  const make = (options: object) => () => scaleByDistanceOverGradients(options as ScaleByDistanceOverGradientsOptions)
  const owner = 'scaleByDistanceOverGradients'
  refuses([
    [`${owner}: repsRel must be a finite number > 0, got 0`, make({ repsRel: 0 })],
    [`${owner}: eps must be a finite number ≥ 0, got -1`, make({ eps: -1 })],
    [`${owner}: globalScale must be a finite number, got Infinity`, make({ globalScale: Infinity })],
    [
      `${owner}: paramDtype must be one of "float32", "float64", "bfloat16", "float16", got "half"`,
      make({ paramDtype: 'half' })
    ],
    [`${owner}: there is no option reps; there are repsRel, eps, paramDtype, globalScale`, make({ reps: 1 })]
  ])
})
