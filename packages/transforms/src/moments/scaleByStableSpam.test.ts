import { describe, expect, test } from 'vitest'
import {
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { expectRule } from '../internal/testing/rules.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByStableSpamOptions, scaleByStableSpam } from './scaleByStableSpam.js'

const lengthOf = (g: readonly number[]): number => Math.hypot(...g)

describe('scaleByStableSpam', () => {
  test.each([
    { b1: 0.8, b2: 0.9, gamma1: 0.6, gamma2: 0.75, theta: 0.7, eps: 0.01, resetPeriod: Infinity },
    { b1: 0.5, b2: 0.25, gamma1: 0.9, gamma2: 0.5, theta: 0.9, eps: 1e-4, resetPeriod: 5 },
    { b1: 0.5, b2: 0.25, gamma1: 0, gamma2: 0, theta: 0, eps: 1e-4, resetPeriod: 1 }
  ])('brings spikes down, makes gradients as long as their history says and runs Adam on them with %o', (options) => {
    const { b1, b2, gamma1, gamma2, theta, eps, resetPeriod } = options
    expectRule(scaleByStableSpam(options), (params) => {
      let [largest, mean, meanSquare, age] = [0, 0, 0, 0]
      let [m, v] = [params.map(() => 0), params.map(() => 0)]
      return (g, t) => {
        age++
        const peak = Math.max(...g.map(Math.abs))
        largest = theta * largest + (1 - theta) * peak
        const limit = largest / (1 - theta ** age)
        // A hair above the limit is a matter of rounding, and changes nothing.
        const c = g.map((x) => (Math.abs(x) > limit ? (x / peak) * limit : x))
        const n = lengthOf(c)
        mean = gamma1 * mean + (1 - gamma1) * n
        meanSquare = gamma2 * meanSquare + (1 - gamma2) * n * n
        const factor = mean / (1 - gamma1 ** age) / (Math.sqrt(meanSquare / (1 - gamma2 ** age)) + eps)
        const h = c.map((x) => (n === 0 ? 0 : (x / n) * factor))
        const isFresh = t % resetPeriod === 0
        if (isFresh) age = 1
        m = m.map((x, i) => b1 * x + (1 - b1) * (h[i] as number))
        v = v.map((x, i) => b2 * x + (1 - b2) * (h[i] as number) ** 2)
        const u = m.map((x, i) => x / (1 - b1 ** age) / (Math.sqrt((v[i] as number) / (1 - b2 ** age)) + eps))
        if (isFresh) [m, v] = [params.map(() => 0), params.map(() => 0)]
        return u
      }
    })
  })

  test('is Adam for equal gradients', () => {
    const course = { params: [0, 0, 0], gradients: Array.from({ length: 5 }, () => [3, -0.25, 1e-3]) }
    const adam = emitted(scaleByAdam({ eps: 0 }), course)
    emitted(scaleByStableSpam({ eps: 0 }), course).forEach((row, t) => {
      row.forEach((u, i) => {
        expect(near(u, adam[t]?.[i] as number, 1)).toBe(true)
      })
    })
  })

  test('of zeros the update is 0, and what is known is kept', () => {
    const tx = scaleByStableSpam({ gamma1: 0.5, theta: 0.5, b1: 0.5 })
    const params = { w: Float64Array.of(0, 0) }
    const zeros = { w: Float64Array.of(0, 0) }
    const [u, first] = tx.update(zeros, tx.init(params), params)
    expect(u).toStrictEqual(zeros)
    const [, state] = tx.update({ w: Float64Array.of(3, 4) }, first, params)
    const [, later] = tx.update(zeros, state, params)
    expect(later.largest).toStrictEqual({ w: 1 })
    expect(later.count).toBe(3)
  })

  test('does not change when its options are spelled out', () => {
    const all = { b1: 0.9, b2: 0.999, gamma1: 0.7, gamma2: 0.9, theta: 0.999, resetPeriod: 1000, eps: 1e-8 }
    expectSame(scaleByStableSpam(all), scaleByStableSpam(), SIX)
  })

  test('starts afresh after a thousand updates unless told otherwise', () => {
    const tx = scaleByStableSpam()
    const params = { w: 0 }
    const state = { ...tx.init(params), count: 999, age: 999 }
    expect(tx.update({ w: 1 }, state, params)[1]).toMatchObject({ count: 1000, age: 1, mu: { w: 0 }, nu: { w: 0 } })
    expect(scaleByStableSpam({ resetPeriod: Infinity }).update({ w: 1 }, state, params)[1].age).toBe(1000)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByStableSpam({ muDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByStableSpam({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByStableSpam(options as ScaleByStableSpamOptions)
  refuses([
    ['scaleByStableSpam: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByStableSpam: b2 must be in [0, 1), got -1', make({ b2: -1 })],
    ['scaleByStableSpam: gamma1 must be in [0, 1), got 1', make({ gamma1: 1 })],
    ['scaleByStableSpam: gamma2 must be in [0, 1), got 2', make({ gamma2: 2 })],
    ['scaleByStableSpam: theta must be in [0, 1), got 1', make({ theta: 1 })],
    ['scaleByStableSpam: resetPeriod must be a whole number ≥ 1 or Infinity, got 0', make({ resetPeriod: 0 })],
    ['scaleByStableSpam: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })]
  ])
})
