import { chain, step } from '@gradchain/core'
import { exponentialDecay } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  type Course,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleBySwatsOptions, scaleBySwats } from './scaleBySwats.js'

type Vector = readonly number[]
const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)

interface Defined {
  readonly updates: readonly Vector[]
  /** After how many steps it went over; 0 where it did not. */
  readonly after: number
}

/** Algorithm 1 of the paper, on lists, with a constant rate. */
const defined = (
  { gradients }: Course,
  alpha: number,
  b1: number,
  b2: number,
  eps: number,
  tolerance: number
): Defined => {
  const n = gradients[0]?.length ?? 0
  let [m, a, v] = [Array(n).fill(0), Array(n).fill(0), Array(n).fill(0)] as [Vector, Vector, Vector]
  let [lambda, rate, after] = [0, 0, 0]
  const updates = gradients.map((g, t) => {
    const k = t + 1
    if (after > 0) {
      v = v.map((x, i) => b1 * x + (g[i] as number))
      return v.map((x) => (1 - b1) * rate * x)
    }
    m = m.map((x, i) => b1 * x + (1 - b1) * (g[i] as number))
    a = a.map((x, i) => b2 * x + (1 - b2) * (g[i] as number) ** 2)
    const size = (alpha * Math.sqrt(1 - b2 ** k)) / (1 - b1 ** k)
    const u = m.map((x, i) => (size * x) / (Math.sqrt(a[i] as number) + eps))
    if (dot(u, g) !== 0) {
      const gamma = dot(u, u) / dot(u, g)
      lambda = b2 * lambda + (1 - b2) * gamma
      const mean = lambda / (1 - b2 ** k)
      if (k > 1 && Math.abs(mean - gamma) < tolerance && mean > 0) [rate, after] = [mean, k]
    }
    return u
  })
  return { updates, after }
}

const anEntry = fc.integer({ min: 1, max: 8 }).chain((n) => fc.constantFrom(n / 4, -n / 4, 3 + n / 16))
const someOptions = fc.record({
  b1: fc.constantFrom(0, 0.5, 0.9),
  b2: fc.constantFrom(0, 0.5, 0.99),
  eps: fc.constantFrom(1e-9, 1e-3),
  tolerance: fc.constantFrom(1e-9, 0.013, 0.17)
})

describe('scaleBySwats', () => {
  test('does what algorithm 1 does, before and after it goes over', () => {
    let both = 0
    fc.assert(
      fc.property(aCourse(anEntry), someOptions, (course, { b1, b2, eps, tolerance }) => {
        const { updates, after } = defined(course, 0.25, b1, b2, eps, tolerance)
        if (after > 0 && after < updates.length) both++
        emitted(scaleBySwats(0.25, { b1, b2, eps, tolerance }), course).forEach((row, t) => {
          row.forEach((u, i) => {
            const wanted = (updates[t] as Vector)[i] as number
            if (!near(u, wanted, 1 + Math.abs(wanted), 1e-10))
              throw new Error(`step ${t}, element ${i}: ${u}, not ${wanted}`)
          })
        })
      })
    )
    // The courses are such that it goes over in many of them.
    expect(both).toBeGreaterThan(5)
  })

  test('is Adam in the form with eps at √a as long as it has not gone over', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(
          chain(scaleBySwats(1, { tolerance: 0 }), scale(0.5)),
          chain(scaleByAdam({ eps: 1e-9, epsPlacement: 'hat' }), scale(0.5)),
          course,
          1e-12
        )
      )
    )
  })

  test('after it has gone over the rate goes on as the schedule does', () => {
    const rate = exponentialDecay({ initValue: 0.5, transitionSteps: 1, decayRate: 0.5 })
    const course = { params: [0], gradients: [[2], [2], [2], [2]] }
    // Over α the projected rate is 1/2, at every step.
    const found = emitted(scaleBySwats(rate, { b1: 0, b2: 0.5, eps: 0, tolerance: 1e-6 }), course)
    expect(found.map(([u]) => (u as number).toFixed(9))).toEqual([
      '0.500000000',
      '0.250000000',
      '0.125000000',
      '0.062500000'
    ])
  })

  test('says in its state whether it has gone over, and stays there', () => {
    const tx = chain(scaleBySwats(0.01, { b2: 0.9, tolerance: 1e-3 }), scale(-1))
    let params = { x: new Float64Array([3, -2]) }
    let state = tx.init(params)
    const rates: number[] = []
    for (let t = 0; t < 800; t++) {
      ;[params, state] = step(tx, { x: params.x.map((x) => 2 * x) }, state, params)
      rates.push(state[0].switched as number)
    }
    const first = rates.findIndex((rate) => rate > 0)
    expect(rates[0]).toBe(0)
    expect(first).toBeGreaterThan(0)
    expect(new Set(rates.slice(first)).size).toBe(1)
    for (const x of params.x) expect(Math.abs(x)).toBeLessThan(0.5)
  })

  test('does not go over to a rate that would climb', () => {
    const tx = scaleBySwats(1, { tolerance: 1e9 })
    const params = { w: 0 }
    const [, first] = tx.update({ w: 4 }, tx.init(params), params)
    // The first moment still points along the first gradient.
    const [, second] = tx.update({ w: -0.1 }, first, params)
    expect(second.projected).toBeLessThan(0)
    expect(second.switched).toBe(0)
  })

  test('gradients of zeros move nothing, and tell nothing', () => {
    const tx = scaleBySwats(0.1)
    const params = { w: new Float32Array([1, 2]) }
    const zeros = { w: new Float32Array(2) }
    const [first, state] = tx.update(zeros, tx.init(params), params)
    expect(first).toStrictEqual(zeros)
    const [second, later] = tx.update(zeros, state, params)
    expect(second).toStrictEqual(zeros)
    expect(later.switched).toBe(0)
    expect(later.projected).toBe(0)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleBySwats())
    expectFloat32InChain(scaleBySwats())
  })

  const make = (options: object) => () => scaleBySwats(1, options as ScaleBySwatsOptions)
  refuses([
    ['scaleBySwats: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scaleBySwats(-1)],
    ['scaleBySwats: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleBySwats: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['scaleBySwats: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleBySwats: tolerance must be a finite number ≥ 0, got -1', make({ tolerance: -1 })]
  ])
})
