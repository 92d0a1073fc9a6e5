import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  expectGolden,
  expectOracle,
  last,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { type ScaleByRmsOptions, scaleByRms } from './scaleByRms.js'

const someOptions = fc.record({
  decay: aDecay,
  eps: anEps,
  initialScale: fc.constantFrom(0, 0.5, 3),
  epsInSqrt: fc.boolean(),
  biasCorrection: fc.boolean()
})

describe('scaleByRms', () => {
  test('is the update over the root of the weighted mean of past squares', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const { decay, eps, initialScale, epsInSqrt, biasCorrection } = options
        expectOracle(scaleByRms(options), course, (history) => {
          const start = decay ** history.length
          const meanSquare = biasCorrection
            ? unbiased(history, decay, 2) + (start * initialScale) / (1 - start)
            : average(history, decay, 2, initialScale)
          return last(history) / (epsInSqrt ? Math.sqrt(meanSquare + eps) : Math.sqrt(meanSquare) + eps)
        })
      })
    )
  })

  test('is what Optax gives', () => {
    expectGolden(scaleByRms(), [
      [3.162277027713037, -3.1622776206399097, 3.162277642600171],
      [3.0151133848662557, 0.4130961867464755, -1.0482848309621116],
      [-1.4199045601713443, -2.341424398387914, 0.13799208526397172],
      [0, 1.1496056554806535, 2.6157168070910335]
    ])
    expectGolden(scaleByRms({ biasCorrection: true }), [
      [0.9999999800000007, -0.99999999875, 0.9999999994444444],
      [1.3142574763009174, 0.18006445519014566, -0.4569367662546658],
      [-0.7391691027328533, -1.2188907665030784, 0.07183545136090852],
      [0, 0.674163105439268, 1.5339344861776645]
    ])
  })

  test('has one state, whatever the options', () => {
    const states = [{}, { biasCorrection: true }, { epsInSqrt: false }].map((options) => {
      const tx = scaleByRms({ ...options, decay: 0.5 })
      return tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 })[1]
    })
    expect(states).toStrictEqual(new Array(3).fill({ count: 1, nu: { w: 2 } }))
    expect(scaleByRms({ initialScale: 3 }).init([new Float32Array(2), 0])).toStrictEqual({
      count: 0,
      nu: [Float32Array.of(3, 3), 3]
    })
  })

  momentLaws('scaleByRms', scaleByRms, {
    odd: someOptions,
    defaults: { decay: 0.9, eps: 1e-8, initialScale: 0, epsInSqrt: true, biasCorrection: false },
    decays: ['decay'],
    nonNegative: ['eps', 'initialScale']
  })

  const make = (options: object) => () => scaleByRms(options as ScaleByRmsOptions)
  refuses([
    ['scaleByRms: epsInSqrt must be true or false, got 1', make({ epsInSqrt: 1 })],
    ['scaleByRms: biasCorrection must be true or false, got 1', make({ biasCorrection: 1 })],
    [
      'scaleByRms: there is no option centered; there are decay, eps, initialScale, epsInSqrt, biasCorrection, nuDtype',
      make({ centered: true })
    ],
    // @ts-expect-error -- the decay is an option
    ['scaleByRms: options must be an object, got 0.9', () => scaleByRms(0.9)]
  ])
})
