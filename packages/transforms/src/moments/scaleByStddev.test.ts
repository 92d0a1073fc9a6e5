import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  emitted,
  emittedFloat32,
  expectGolden,
  expectOracle,
  last,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { type ScaleByStddevOptions, scaleByStddev } from './scaleByStddev.js'

const someOptions = fc.record({
  decay: aDecay,
  eps: fc.constantFrom(1e-3, 1),
  initialScale: fc.constantFrom(0, 0.5, 3),
  epsInSqrt: fc.boolean(),
  biasCorrection: fc.boolean()
})

describe('scaleByStddev', () => {
  test('is the update over the root of the weighted variance of past updates', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const { decay, eps, initialScale, epsInSqrt, biasCorrection } = options
        const momentsOf = (history: readonly number[]): readonly [mean: number, variance: number] => {
          const start = decay ** history.length
          const [mean, left] = biasCorrection
            ? [unbiased(history, decay, 1), (start * initialScale) / (1 - start)]
            : [average(history, decay, 1), start * initialScale]
          // Around the mean, where nothing cancels; without correction what was before counts as zeros of weight βᵗ.
          const around = history.map((g) => g - mean)
          const spread = biasCorrection ? unbiased(around, decay, 2) : average(around, decay, 2, mean * mean)
          return [mean, spread + left]
        }
        const over = (variance: number) => (epsInSqrt ? Math.sqrt(variance + eps) : Math.sqrt(variance) + eps)
        expectOracle(scaleByStddev(options), course, (h) => last(h) / over(momentsOf(h)[1]), {
          // Some 1e-14 of v̂ is noise in v̂ − m̂². Where that is all of it, the update is anything up to g / over(0).
          scale: (absolute, _, history) => {
            const [mean, variance] = momentsOf(history)
            const noise = 1e-14 * (variance + mean * mean)
            if (variance <= 10 * noise) return (last(absolute) / over(0)) * 1e12
            return (last(absolute) / over(variance)) * Math.max(1, (noise / variance) * 1e12)
          },
          in32: false
        })
      })
    )
  })

  test('is what Optax gives', () => {
    expectGolden(scaleByStddev(), [
      [3.3333325925928396, -3.3333332870370382, 3.333333312757202],
      [3.2773675484941807, 0.427350421106722, -1.065337947455489],
      [-1.4463255427037154, -2.551624992933452, 0.14035447191705452],
      [0, 1.1831116163960904, 2.8025115070258746]
    ])
  })

  test('is finite when eps > 0, also where rounding leaves a variance below zero', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, anEps, fc.integer({ min: 1, max: 30 }), (course, options, eps, repeats) => {
        const gradients = new Array<readonly number[]>(repeats).fill(course.gradients[0] as readonly number[])
        const tx = scaleByStddev({ ...options, eps })
        const steady = { params: course.params, gradients: gradients.map((row) => row.map(Math.fround)) }
        for (const row of [...emitted(tx, steady), ...emittedFloat32(tx, steady)]) {
          expect(row.every(Number.isFinite)).toBe(true)
        }
      })
    )
    // Optax 0.2.8 has NaN here from the second step on, where v̂ − m̂² falls below 0.
    const tx = scaleByStddev({ decay: 0.7, epsInSqrt: false, biasCorrection: true, eps: 1 })
    const steady = { params: [0, 0, 0], gradients: new Array<readonly number[]>(20).fill([0.1, 3, 0.7]) }
    expect(emitted(tx, steady).flat().every(Number.isFinite)).toBe(true)
  })

  momentLaws('scaleByStddev', scaleByStddev, {
    odd: someOptions,
    defaults: { decay: 0.9, eps: 1e-8, initialScale: 0, epsInSqrt: true, biasCorrection: false },
    decays: ['decay'],
    nonNegative: ['eps', 'initialScale']
  })

  const make = (options: object) => () => scaleByStddev(options as ScaleByStddevOptions)
  refuses([
    ['scaleByStddev: epsInSqrt must be true or false, got 1', make({ epsInSqrt: 1 })],
    ['scaleByStddev: biasCorrection must be true or false, got 1', make({ biasCorrection: 1 })],
    [
      'scaleByStddev: there is no option b1; there are decay, eps, initialScale, epsInSqrt, biasCorrection, muDtype, nuDtype',
      make({ b1: 0.9 })
    ]
  ])
})
