import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  refuses
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { ema } from './ema.js'
import { type ScaleByMsvagOptions, scaleByMsvag } from './scaleByMsvag.js'

describe('scaleByMsvag', () => {
  test.each([{ beta: 0.7 }, { beta: 0.95 }])('shortens the mean by its noise with %o', ({ beta }) => {
    expectRule(
      scaleByMsvag({ beta }),
      each(() => {
        let [m, v] = [0, 0]
        return (g, t) => {
          m = beta * m + (1 - beta) * g
          v = beta * v + (1 - beta) * g * g
          const [mean, square] = [m / (1 - beta ** t), v / (1 - beta ** t)]
          const rho = ((1 - beta) * (1 + beta ** t)) / ((1 + beta) * (1 - beta ** t))
          const s = t === 1 ? 0 : (square - mean ** 2) / (1 - rho)
          return mean === 0 ? 0 : (mean * mean ** 2) / (mean ** 2 + rho * s)
        }
      })
    )
  })

  test('is the identity without decay, and for gradients that stay the same', () => {
    expectSame(scaleByMsvag({ beta: 0 }), scale(1), SIX)
    const still = { params: [0, 0], gradients: Array.from({ length: 9 }, () => [0.1, -3]) }
    expectSame(scaleByMsvag(), scale(1), still, 1e-14)
  })

  test('is homogeneous, and never longer than the mean', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, beta) => {
        const tx = scaleByMsvag({ beta })
        expectSame(chain(scale(-0.25), tx), chain(tx, scale(-0.25)), course)
        const means = emitted(ema(beta), course).flat()
        expect(
          emitted(tx, course)
            .flat()
            .every((u, i) => Math.abs(u) <= Math.abs(means[i] as number))
        ).toBe(true)
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByMsvag({ beta: 0.9 }), scaleByMsvag(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByMsvag({ muDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByMsvag({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByMsvag(options as ScaleByMsvagOptions)
  refuses([
    ['scaleByMsvag: beta must be in [0, 1), got 1', make({ beta: 1 })],
    ['scaleByMsvag: there is no option b1; there are beta, muDtype, nuDtype', make({ b1: 0.9 })]
  ])
})
