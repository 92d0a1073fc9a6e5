import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  emitted,
  expectOracle,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { expectSix, SIX } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByYogiOptions, scaleByYogi } from './scaleByYogi.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  initialAccumulatorValue: fc.constantFrom(0, 1e-6, 0.5, 3)
})

describe('scaleByYogi', () => {
  test('is the weighted mean of past updates over the root of a moment that goes towards their squares by shares of them', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, epsRoot, initialAccumulatorValue: start }) =>
        expectOracle(
          scaleByYogi({ b1, b2, eps, epsRoot, initialAccumulatorValue: start }),
          course,
          (history) => {
            const t = history.length
            const mean = average(history, b1, 1, start) / (1 - b1 ** t)
            const square = history.reduce((v, g) => v - (1 - b2) * Math.sign(v - g * g) * (g * g), start)
            return mean / (Math.sqrt(square / (1 - b2 ** t) + epsRoot) + eps)
          },
          // In float32 a moment and a square may be equal where they are not in float64.
          { in32: false }
        )
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(scaleByYogi(), [
      [0.9960358447186042, -0.9993709009934884, 0.9996142626626047],
      [0.9167359634876835, -0.5717781984698361, 0.39984157766269834],
      [0.366441860924464, -0.7632846284832264, 0.33386882215329267],
      [0.29997098585064613, -0.3965080378087677, 0.6251867611653671],
      [0.34178326763179034, -0.3528572021253344, 0.23427580075396254],
      [-0.04802171317374108, -0.17797065764003467, 0.2892375856858506]
    ])
    expectSix(scaleByYogi({ b1: 0.7, b2: 0.8, eps: 0.1, epsRoot: 0.2, initialAccumulatorValue: 0.5 }), [
      [1.0008521750340522, -0.3099695840942897, 1.1835351708359756],
      [0.8998718113655504, -0.09596196023744485, 0.44105067311178997],
      [0.35244115935560855, -0.4601824458159028, 0.30159224485009156],
      [0.2305543760283363, -0.11445560881870306, 0.6343251894751923],
      [0.2425435283910187, -0.09723246893576397, 0.1129432463790159],
      [-0.14976729295363095, 0.0699934304612153, 0.18992039257858678]
    ])
  })

  test('is odd in the gradient when initialAccumulatorValue = 0', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const tx = scaleByYogi({ ...options, initialAccumulatorValue: 0 })
        expectSame(chain(scale(-1), tx), chain(tx, scale(-1)), course)
      })
    )
  })

  test('is, when eps, epsRoot and initialAccumulatorValue are 0, blind to scale and ±1 at first', () => {
    const tx = scaleByYogi({ eps: 0, initialAccumulatorValue: 0 })
    fc.assert(
      fc.property(fc.integer({ min: -8, max: 8 }), (power) => {
        const { params, gradients } = SIX
        const course = { params, gradients: gradients.map((row) => row.map((g) => g || 1)) }
        expectSame(chain(scale(2 ** power), tx), tx, course)
      })
    )
    const [found = []] = emitted(tx, { params: [0, 0, 0], gradients: [[1e-9, -3, 1e9]] })
    // √(g² (1 − β₂) / (1 − β₂)) and g (1 − β₁) / (1 − β₁) round a few times.
    expect(found.every((u, i) => near(u, [1, -1, 1][i] as number, 1, 1e-15))).toBe(true)
  })

  test('starts both moments at initialAccumulatorValue', () => {
    expect(scaleByYogi({ initialAccumulatorValue: 0.5 }).init([new Float32Array(2), 0])).toStrictEqual({
      count: 0,
      mu: [Float32Array.of(0.5, 0.5), 0.5],
      nu: [Float32Array.of(0.5, 0.5), 0.5]
    })
  })

  momentLaws('scaleByYogi', scaleByYogi, {
    defaults: { b1: 0.9, b2: 0.999, eps: 1e-3, epsRoot: 0, initialAccumulatorValue: 1e-6 },
    decays: ['b1', 'b2'],
    nonNegative: ['eps', 'epsRoot', 'initialAccumulatorValue']
  })

  const make = (options: object) => () => scaleByYogi(options as ScaleByYogiOptions)
  refuses([
    [
      'scaleByYogi: there is no option nesterov; there are b1, b2, eps, epsRoot, initialAccumulatorValue, muDtype, nuDtype',
      make({ nesterov: true })
    ]
  ])
})
