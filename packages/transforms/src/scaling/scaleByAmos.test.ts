import { constantSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aRate, expectDtypesKept, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { expectParams } from '../internal/testing/rules.js'
import { type ScaleByAmosOptions, scaleByAmos } from './scaleByAmos.js'

describe('scaleByAmos', () => {
  test.each([
    { eta: 0.5, beta: 0.9, cCoef: 0.6, dCoef: 0.4, extraL2: 0.01 },
    { eta: 2, beta: 0.5, cCoef: 0, dCoef: 3, extraL2: 0 }
  ])('steps and decays less and less with %o', ({ eta, beta, cCoef, dCoef, extraL2 }) => {
    expectParams(
      scaleByAmos((t) => 0.4 / (1 + t), { eta, beta, cCoef, dCoef, extraL2 }),
      (start) => {
        let p = [...start]
        let [v, b] = [0, 0]
        return (g, t) => {
          const rate = 0.4 / t
          const square = g.reduce((sum, x) => sum + x * x, 0) / g.length
          v = beta * v + (1 - beta) * square
          const hat = v / (1 - beta ** t)
          const gamma = ((1 / Math.sqrt(1 + cCoef * Math.sqrt(rate) * b)) * rate * rate * square) / hat
          const share = 1 / (1 + dCoef * Math.sqrt(rate * eta) * b)
          p = p.map(
            (x, i) => x - share * ((gamma / 2 + extraL2) * x + (rate * eta * (g[i] as number)) / Math.sqrt(hat))
          )
          b += gamma * (1 + b)
          return p
        }
      }
    )
  })

  test('each leaf has the size that a tree, or a function of the params, says', () => {
    const zeros = { a: [0, 0], b: { c: 0 } }
    const grads = { a: [1, -1], b: { c: 4 } }
    for (const eta of [{ a: 2, b: 4 }, () => ({ a: 2, b: { c: 4 } })]) {
      const tx = scaleByAmos(0.5, { eta })
      expect(tx.update(grads, tx.init(zeros), zeros)[0]).toStrictEqual({ a: [-1, 1], b: { c: -2 } })
    }
  })

  test('gradients that have always been 0 move nothing', () => {
    const tx = scaleByAmos(0.5)
    expect(tx.update({ w: 0 }, tx.init({ w: 3 }), { w: 3 })[0].w).toBeCloseTo(0, 15)
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(scaleByAmos(rate), scaleByAmos(constantSchedule(rate)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAmos(0.1, { eta: 1, beta: 0.999, cCoef: 0.25, dCoef: 0.25, extraL2: 0 }), scaleByAmos(0.1), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAmos(0.1))
  })

  const make = (options: object) => () => scaleByAmos(0.1, options as ScaleByAmosOptions)
  refuses([
    ['scaleByAmos: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scaleByAmos(-1)],
    ['scaleByAmos: eta must be a finite number > 0, got 0', make({ eta: 0 })],
    ['scaleByAmos: eta.w must be a finite number > 0, got -1', make({ eta: { w: -1 } })],
    ['scaleByAmos: beta must be in [0, 1), got 1', make({ beta: 1 })],
    ['scaleByAmos: cCoef must be a finite number ≥ 0, got -1', make({ cCoef: -1 })],
    ['scaleByAmos: extraL2 must be a finite number ≥ 0, got -1', make({ extraL2: -1 })]
  ])
})
