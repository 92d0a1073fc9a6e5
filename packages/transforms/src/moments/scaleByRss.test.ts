import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, anEps, emitted, expectOracle, expectSame, last, refuses } from '../internal/testing/courses.js'
import { expectSix } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByRssOptions, scaleByRss } from './scaleByRss.js'

const someOptions = fc.record({
  initialAccumulatorValue: fc.constantFrom(0, 0.1, 3),
  eps: fc.oneof(fc.constant(0), anEps),
  epsInSqrt: fc.boolean()
})

describe('scaleByRss', () => {
  test('is the update over the root of the sum of all squares, and 0 where that is 0', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { initialAccumulatorValue, eps, epsInSqrt }) =>
        expectOracle(scaleByRss({ initialAccumulatorValue, eps, epsInSqrt }), course, (history) => {
          const sum = history.reduce((s, g) => s + g * g, initialAccumulatorValue)
          if (sum === 0) return 0
          return last(history) / (epsInSqrt ? Math.sqrt(sum + eps) : Math.sqrt(sum) + eps)
        })
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(scaleByRss(), [
      [0.8451541339922204, -0.987729584604107, 0.9944903107334615],
      [0.9302604915294388, 0.12253576887706684, -0.3146583862060615],
      [-0.42174116116880556, -0.7000328105192063, 0.03930190941401096],
      [0, 0.3303642190466413, 0.7827260332484864],
      [0.16634608934322478, -0.033018408587324695, -0.4394384043433154],
      [-0.5539608854542551, 0.22519216917693444, 0.1731212451931389]
    ])
    expectSix(scaleByRss({ initialAccumulatorValue: 0, eps: 0.5 }), [
      [0.5773502691896257, -0.9428090415820634, 0.9733285267845753],
      [0.8660254037844386, 0.11704114719613057, -0.3086066999241838],
      [-0.3973597071195132, -0.6834861261734088, 0.03854716722458498],
      [0, 0.3233808333817773, 0.7767997142834077],
      [0.15697342795578145, -0.03232118778669101, -0.4367478547202789],
      [-0.5317600752351933, 0.22067091374694817, 0.17209276148700728]
    ])
  })

  test('is what PyTorch gives when eps is outside of the root', () => {
    expectSix(scaleByRss({ initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false }), [
      [0.9999999998, -0.99999999995, 0.9999999999666667],
      [0.9486832979905138, 0.12403473458305461, -0.31622776600683794],
      [-0.42857142854693875, -0.7043607250356928, 0.03949762527542016],
      [0, 0.3321819194039254, 0.7842289302180195],
      [0.16896381510132946, -0.033199879815550365, -0.44011884812791335],
      [-0.5599595599103802, 0.22636658335992385, 0.17338126060850093]
    ])
    expectSix(scaleByRss({ initialAccumulatorValue: 0.25, eps: 0.1, epsInSqrt: false }), [
      [0.619496715496477, -0.9252607607588822, 0.9549939172562045],
      [0.8530907272870619, 0.11485508226202898, -0.3028869256559008],
      [-0.39061941082213386, -0.6704343628226916, 0.03783291369972666],
      [0, 0.3172952328872266, 0.7655502392344498],
      [0.15427442958611687, -0.03171304083924193, -0.4308675316947853],
      [-0.5216102907728601, 0.21655125887016494, 0.16980038690383198]
    ])
  })

  test('is odd in the gradient, and never larger than 1', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const tx = scaleByRss(options)
        expectSame(chain(scale(-1), tx), chain(tx, scale(-1)), course)
        expect(emitted(tx, course).every((row) => row.every((u) => Math.abs(u) <= 1))).toBe(true)
      })
    )
  })

  test('is, with eps = initialAccumulatorValue = 0, blind to scale, the sign at first, ±1 / √t of equal gradients', () => {
    const tx = scaleByRss({ initialAccumulatorValue: 0, eps: 0 })
    fc.assert(
      fc.property(aCourse(), fc.integer({ min: -8, max: 8 }), (course, power) =>
        expectSame(chain(scale(2 ** power), tx), tx, course)
      )
    )
    // 4, 8, 12, 16: the roots of the first and of the last are exact.
    const found = emitted(tx, { params: [0, 0], gradients: new Array(4).fill([2, 0]) })
    expect([found[0], found[3]]).toStrictEqual([
      [1, 0],
      [0.5, 0]
    ])
  })

  test('leaves NaN NaN, where Optax has 0 for ever', () => {
    const tx = scaleByRss()
    const [, state] = tx.update({ w: Number.NaN }, tx.init({ w: 0 }), { w: 0 })
    expect(tx.update({ w: 1 }, state, { w: 0 })[0].w).toBeNaN()
  })

  momentLaws('scaleByRss', scaleByRss, {
    defaults: { initialAccumulatorValue: 0.1, eps: 1e-7, epsInSqrt: true },
    decays: [],
    nonNegative: ['initialAccumulatorValue', 'eps']
  })

  const make = (options: object) => () => scaleByRss(options as ScaleByRssOptions)
  refuses([
    ['scaleByRss: epsInSqrt must be true or false, got 1', make({ epsInSqrt: 1 })],
    [
      'scaleByRss: there is no option decay; there are initialAccumulatorValue, eps, epsInSqrt, accumulatorDtype',
      make({ decay: 0.9 })
    ]
  ])
})
