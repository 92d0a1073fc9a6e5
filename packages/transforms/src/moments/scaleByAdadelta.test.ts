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
  refuses
} from '../internal/testing/courses.js'
import { expectSix } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByAdadeltaOptions, scaleByAdadelta } from './scaleByAdadelta.js'

const someOptions = fc.record({ rho: aDecay, eps: anEps })

/** All updates of one element. */
const updatesOf = (history: readonly number[], rho: number, eps: number): readonly number[] => {
  const updates: number[] = []
  history.forEach((g, i) => {
    const gradients = average(history.slice(0, i + 1), rho, 2)
    updates.push(g * Math.sqrt((average(updates, rho, 2) + eps) / (gradients + eps)))
  })
  return updates
}

describe('scaleByAdadelta', () => {
  test('is the update times the root mean square of past updates over that of gradients', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { rho, eps }) =>
        expectOracle(scaleByAdadelta({ rho, eps }), course, (h) => updatesOf(h, rho, eps).at(-1) as number)
      )
    )
  })

  test('is what Optax gives', () => {
    expectSix(scaleByAdadelta(), [
      [0.00316221441651248, -0.003162273707328716, 0.0031622759033489217],
      [0.004263963074403174, 0.0005842050751598398, -0.001482497406958636],
      [-0.0027379091920367174, -0.0032562847339235247, 0.00020090890817264228],
      [0, 0.0019580622031467702, 0.0037101124316250397],
      [0.0012184430141094639, -0.00021300673509719675, -0.002743440644671682],
      [-0.0038907765072537966, 0.0014615553161123423, 0.0012209133750327294]
    ])
    expectSix(scaleByAdadelta({ rho: 0.6, eps: 0.1 }), [
      [0.3535533905932738, -0.48507125007266594, 0.4931969619160719],
      [0.5642660953974591, 0.10574446610429968, -0.2723452152639723],
      [-0.40083729091546993, -0.5300953112292968, 0.04229838148083961],
      [0, 0.3704076403627076, 0.5751986770671742],
      [0.2034721846538765, -0.04643631419303142, -0.48610043750200826],
      [-0.5359827149259897, 0.3166930539511835, 0.25145260671187736]
    ])
  })

  test('is what PyTorch gives', () => {
    expectSix(scaleByAdadelta({ rho: 0.6, eps: 0.1 }), [
      [0.3535533905932738, -0.48507125007266594, 0.4931969619160719],
      [0.564266095397459, 0.10574446610429968, -0.2723452152639723],
      [-0.40083729091546993, -0.5300953112292968, 0.04229838148083961],
      [0, 0.3704076403627076, 0.5751986770671742],
      [0.20347218465387648, -0.04643631419303142, -0.48610043750200826],
      [-0.5359827149259897, 0.3166930539511835, 0.25145260671187736]
    ])
  })

  test('does not see the scale of gradients far larger than √eps', () => {
    const large = aCourse(fc.double({ min: 1e3, max: 1e6, noNaN: true }))
    // Beside the mean square, eps is at most 1e-6 · (1e-12 / (1 − ρ)), and ρ ≤ 0.99.
    fc.assert(
      fc.property(large, aDecay, (course, rho) => {
        const tx = scaleByAdadelta({ rho, eps: 1e-12 })
        expectSame(chain(scale(1024), tx), tx, course, 1e-12)
      })
    )
  })

  test('never moves with eps = 0', () => {
    const found = emitted(scaleByAdadelta({ eps: 0 }), {
      params: [0, 0],
      gradients: [
        [1, -3],
        [2, 5]
      ]
    })
    expect(found.flat().every((u) => u === 0)).toBe(true)
  })

  momentLaws('scaleByAdadelta', scaleByAdadelta, {
    odd: someOptions,
    defaults: { rho: 0.9, eps: 1e-6 },
    decays: ['rho'],
    nonNegative: ['eps']
  })

  const make = (options: object) => () => scaleByAdadelta(options as ScaleByAdadeltaOptions)
  refuses([['scaleByAdadelta: there is no option decay; there are rho, eps, accumulatorDtype', make({ decay: 0.9 })]])
})
