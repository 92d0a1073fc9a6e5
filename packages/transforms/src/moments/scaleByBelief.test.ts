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
  last,
  near,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { expectSix, SIX } from '../internal/testing/goldens.js'
import { momentLaws } from '../internal/testing/momentLaws.js'
import { ema } from '../momentum/ema.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByBeliefOptions, scaleByBelief } from './scaleByBelief.js'

// With a β₁ near 0 the mean is nearly the gradient, and the error a difference of equals.
const aSlowDecay = fc.double({ min: 0.5, max: 0.95, noNaN: true })
const someOptions = fc.record({ b1: aSlowDecay, b2: aDecay, eps: anEps, epsRoot: anEps, nesterov: fc.boolean() })

describe('scaleByBelief', () => {
  test('is the weighted mean of past updates over the root of its mean squared error as a forecast', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, epsRoot, nesterov }) => {
        const over = (history: readonly number[]) => {
          const errors = history.map((g, i) => g - average(history.slice(0, i + 1), b1, 1))
          const weights = history.map((_, age) => b2 ** age)
          const added = (weights.reduce((sum, w) => sum + w, 0) * epsRoot) / (1 - b2 ** history.length)
          return Math.sqrt(unbiased(errors, b2, 2) + added) + eps
        }
        const mean = (history: readonly number[]) => {
          const t = history.length
          if (!nesterov) return unbiased(history, b1, 1)
          const later = average(history, b1, 1) / (1 - b1 ** (t + 1))
          return b1 * later + ((1 - b1) * last(history)) / (1 - b1 ** t)
        }
        expectOracle(scaleByBelief({ b1, b2, eps, epsRoot, nesterov }), course, (h) => mean(h) / over(h), {
          scale: (absolute, _, history) => mean(absolute) / over(history),
          in32: false
        })
      })
    )
  })

  test('is what Optax gives', () => {
    expectSix(scaleByBelief(), [
      [1.1111111111108365, -1.1111111111110938, 1.1111111111111036],
      [1.0512431028373619, -0.6254533256367759, 0.4300839646420882],
      [0.3961224018232681, -0.8742033101576411, 0.35958348240947885],
      [0.3239747382565578, -0.433241621809754, 0.7037921015123396],
      [0.3722384943501546, -0.38575331773563926, 0.2513441774948119],
      [-0.05116679372522326, -0.19183186588323156, 0.3126782985546665]
    ])
    expectSix(scaleByBelief({ b1: 0.7, b2: 0.8, eps: 0.1, epsRoot: 0.2, nesterov: true }), [
      [0.6087916489226834, -1.5509934708596054, 1.745835819547139],
      [1.0954926624787429, -0.14338341628684495, -0.1134607973280433],
      [-0.13791566015609216, -1.0709471288391263, 0.17327264914872337],
      [0.07394822582128481, 0.09294730750578527, 1.2412430032379485],
      [0.19482085352003276, -0.14730955166356777, -0.29330049800469543],
      [-0.44933821765005433, 0.18980196165371327, 0.3106292329936482]
    ])
  })

  test('is blind to the scale of the gradient when eps = epsRoot = 0, exactly for powers of two', () => {
    fc.assert(
      fc.property(aSlowDecay, aDecay, fc.integer({ min: -8, max: 8 }), (b1, b2, power) => {
        const tx = scaleByBelief({ b1, b2, eps: 0, epsRoot: 0 })
        const { params, gradients } = SIX
        const course = { params, gradients: gradients.map((row) => row.map((g) => g || 1)) }
        expectSame(chain(scale(2 ** power), tx), tx, course)
      })
    )
  })

  test('emits ±1 / β₁ at first when eps = epsRoot = 0', () => {
    const [found = []] = emitted(scaleByBelief({ b1: 0.8, eps: 0, epsRoot: 0 }), {
      params: [0, 0],
      gradients: [[1e-9, -3]]
    })
    // The error g − (1 − β₁) g rounds, and so do the averages.
    expect(found.every((u, i) => near(u, [1.25, -1.25][i] as number, 1, 1e-14))).toBe(true)
  })

  test('when rectify it is a mean until the error is known, then it goes a share of the way, as scaleByRadam does', () => {
    fc.assert(
      fc.property(aCourse(), aSlowDecay, fc.constantFrom(0.9, 0.99), (course, b1, b2) => {
        const share = (t: number): number | null => {
          const most = 2 / (1 - b2) - 1
          const length = most - (2 * t * b2 ** t) / (1 - b2 ** t)
          return length < 5
            ? null
            : Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length))
        }
        const plain = emitted(scaleByBelief({ b1, b2, eps: 1e-100, epsRoot: 0 }), course)
        const means = emitted(ema(b1), course)
        emitted(scaleByBelief({ b1, b2, eps: 1e-100, epsRoot: 0, rectify: true }), course).forEach((row, t) => {
          const r = share(t + 1)
          row.forEach((u, i) => {
            const wanted = r === null ? (means[t]?.[i] as number) : r * (plain[t]?.[i] as number)
            if (!near(u, wanted, wanted, 1e-12)) throw new Error(`step ${t}: ${u}, wanted ${wanted}`)
          })
        })
      })
    )
  })

  test('adds epsRoot to what it keeps, at every step', () => {
    const tx = scaleByBelief({ b1: 0, b2: 0.5, epsRoot: 4 })
    const [, state] = tx.update({ w: 3 }, tx.init({ w: 0 }), { w: 0 })
    expect(state.nu).toStrictEqual({ w: 4 })
    expect(tx.update({ w: 7 }, state, { w: 0 })[1].nu).toStrictEqual({ w: 6 })
  })

  momentLaws('scaleByBelief', scaleByBelief, {
    odd: someOptions,
    defaults: { b1: 0.9, b2: 0.999, eps: 1e-16, epsRoot: 1e-16, nesterov: false },
    decays: ['b1', 'b2'],
    nonNegative: ['eps', 'epsRoot']
  })

  const make = (options: object) => () => scaleByBelief(options as ScaleByBeliefOptions)
  refuses([
    ['scaleByBelief: nesterov must be true or false, got 1', make({ nesterov: 1 })],
    ['scaleByBelief: rectify must be true or false, got 1', make({ rectify: 1 })],
    ['scaleByBelief: threshold must be a finite number ≥ 4, got 3', make({ threshold: 3 })],
    [
      'scaleByBelief: there is no option momentDtype; there are b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, rectify, threshold',
      make({ momentDtype: 'float32' })
    ]
  ])
})
