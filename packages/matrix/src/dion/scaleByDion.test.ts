import { ndarray } from '@gradchain/core'
import * as random from '@gradchain/core/random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { qr } from '../decompositions/qr.js'
import { dataOf, defect, distance, matrices, product, transpose } from '../internal/testing.js'
import { orthogonalize } from '../orthogonal/orthogonalize.js'
import { dion } from './dion.js'
import { type ScaleByDionOptions, type ScaleByDionState, scaleByDion } from './scaleByDion.js'

const qOf = (state: ScaleByDionState) => (state.q as { w: { data: Float64Array; shape: number[] } }).w
const muOf = (state: ScaleByDionState) => (state.mu as { w: { data: Float64Array } }).w.data

const wave = (rows: number, columns: number, t = 0) => ({
  w: ndarray(
    Float64Array.from({ length: rows * columns }, (_, k) => Math.cos(t + k * k)),
    [rows, columns]
  )
})

test('agrees with its definition', () => {
  const [m, n, r, beta] = [5, 4, 2, 0.9]
  const tx = scaleByDion({ rankFraction: 0.5, beta, key: 3 })
  let state = tx.init(wave(m, n))
  let q: ArrayLike<number> = qOf(state).data
  let mu = new Float64Array(m * n)
  for (let t = 0; t < 4; t++) {
    const g = wave(m, n, t)
    const [u, next] = tx.update(g, state, g)
    const b = mu.map((x, k) => x + (g.w.data[k] as number))
    const p = dataOf(qr(ndarray(product(b, q, m, n, r), [m, r])).q)
    const image = product(transpose(b, m, n), p, n, m, r)
    const lengths = [0, 1].map((j) => Math.hypot(...Array.from({ length: n }, (_, i) => image[i * r + j] as number)))
    q = image.map((x, k) => x / (lengths[k % r] as number))
    const taken = product(p, transpose(image, n, r), m, r, n)
    mu = b.map((x, k) => x - (1 - beta) * (taken[k] as number))
    expect(distance(u.w.data, product(p, transpose(q, n, r), m, r, n))).toBeLessThan(1e-12)
    expect(distance(muOf(next), mu)).toBeLessThan(1e-12)
    expect(distance(qOf(next).data, q)).toBeLessThan(1e-12)
    state = next
  }
})

test('by default the rank is whole, β is 0.95 and the key 0', () => {
  const [tx, same] = [scaleByDion(), scaleByDion({ rankFraction: 1, beta: 0.95, key: 0 })]
  const [g, start] = [wave(5, 4), tx.init(wave(5, 4))]
  expect(start).toStrictEqual(same.init(wave(5, 4)))
  expect(tx.update(g, start, g)).toStrictEqual(same.update(g, start, g))
})

test('a gradient that stays gets the update U Vᵀ of its largest singular values', () => {
  // Singular values 4, 2, 1 in directions that are no axes.
  const u = dataOf(
    qr(
      ndarray(
        Float64Array.from({ length: 9 }, (_, k) => Math.sin(k * k + 1)),
        [3, 3]
      )
    ).q
  )
  const v = dataOf(
    qr(
      ndarray(
        Float64Array.from({ length: 9 }, (_, k) => Math.cos(k * k)),
        [3, 3]
      )
    ).q
  )
  const scaled = u.map((x, k) => x * ([4, 2, 1][k % 3] as number))
  const g = { w: ndarray(product(scaled, transpose(v, 3, 3), 3, 3, 3), [3, 3]) }
  for (const [rankFraction, rank] of [
    [1, 3],
    [2 / 3, 2],
    [0.1, 1]
  ] as const) {
    const tx = scaleByDion({ rankFraction })
    let state = tx.init(g)
    let found: ArrayLike<number> = []
    for (let t = 0; t < 80; t++) {
      const [next, after] = tx.update(g, state, g)
      found = next.w.data
      state = after
    }
    const rows = u.map((x, k) => (k % 3 < rank ? x : 0))
    // What error feedback keeps of the directions left out grows until it is taken.
    if (rank === 3) {
      expect(distance(found, product(rows, transpose(v, 3, 3), 3, 3, 3))).toBeLessThan(1e-6)
      expect(distance(found, dataOf(orthogonalize(g.w, { method: 'svd' })))).toBeLessThan(1e-6)
    }
    expect(qOf(state).shape).toStrictEqual([3, rank])
  }
})

test('without error feedback what was taken is gone, and what was not is not', () => {
  const tx = scaleByDion({ beta: 0 })
  const g = wave(4, 3)
  // Of full rank all is taken.
  expect(distance(muOf(tx.update(g, tx.init(g), g)[1]), new Float64Array(12))).toBeLessThan(1e-14)
  const low = scaleByDion({ beta: 0, rankFraction: 0.3 })
  expect(distance(muOf(low.update(g, low.init(g), g)[1]), new Float64Array(12))).toBeGreaterThan(0.1)
})

describe('whatever the matrix', () => {
  test('the update has singular values of at most about √r, and is blind to scale', () => {
    fc.assert(
      fc.property(matrices, fc.constantFrom(1, 0.5), (a, rankFraction) => {
        const { rows, columns, data } = a
        const tx = scaleByDion({ rankFraction })
        const g = { w: ndarray(data, [rows, columns]) }
        const [u, state] = tx.update(g, tx.init(g), g)
        expect(u.w.data.every((x) => Number.isFinite(x) && Math.abs(x) <= 1.0000001 * Math.sqrt(columns))).toBe(true)
        const largest = Math.max(...Array.from(data, Math.abs))
        const smallest = Math.min(...Array.from(data, (x) => (x === 0 ? 1 : Math.abs(x))))
        fc.pre(largest < 1e200 && smallest > 1e-200)
        const g8 = {
          w: ndarray(
            data.map((x) => 8 * x),
            [rows, columns]
          )
        }
        const [u8, state8] = tx.update(g8, tx.init(g8), g8)
        expect(Array.from(u8.w.data)).toStrictEqual(Array.from(u.w.data))
        expect(Array.from(qOf(state8).data)).toStrictEqual(Array.from(qOf(state).data))
      })
    )
  })
})

test('a gradient of rank 1 has an update of rank 1, one of zeros has zeros, and directions live on', () => {
  const tx = scaleByDion()
  const zeros = { w: ndarray(new Float64Array(9), [3, 3]) }
  const first = tx.init(zeros)
  const [none, same] = tx.update(zeros, first, zeros)
  expect(Array.from(none.w.data, Math.abs)).toStrictEqual(Array(9).fill(0))
  expect(Array.from(qOf(same).data)).toStrictEqual(Array.from(qOf(first).data))
  const one = {
    w: ndarray(
      Float64Array.from({ length: 9 }, (_, k) => Math.floor(k / 3 + 1) * ((k % 3) - 1)),
      [3, 3]
    )
  }
  const [u] = tx.update(one, same, one)
  const length = Math.hypot(...u.w.data)
  expect(length).toBeCloseTo(1, 12)
  expect(
    distance(
      u.w.data,
      one.w.data.map((x) => x / Math.hypot(...one.w.data))
    )
  ).toBeLessThan(1e-12)
})

test('directions are those of the key, whatever the order in which params were written', () => {
  const w = ndarray(new Float32Array(6), [2, 3])
  const v = ndarray(new Float32Array(6), [3, 2])
  const tx = scaleByDion({ key: 5 })
  const ab = tx.init({ v, w }).q as { v: unknown; w: unknown }
  const ba = tx.init({ w, v }).q as { v: unknown; w: unknown }
  expect([ab.v, ab.w]).toStrictEqual([ba.v, ba.w])
  expect(tx.init({ w }).q).toStrictEqual(scaleByDion({ key: random.key(5) }).init({ w }).q)
  expect(tx.init({ w }).q).not.toStrictEqual(scaleByDion({ key: 6 }).init({ w }).q)
})

test('stacks are as many matrices; a rank that is meant to be whole is', () => {
  const data = Float64Array.from({ length: 24 }, (_, k) => Math.sin(k * k))
  const both = { w: ndarray(data, [2, 3, 4]) }
  const tx = scaleByDion({ weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } })
  const state = tx.init(both)
  expect(qOf(state).shape).toStrictEqual([2, 4, 3])
  const [u] = tx.update(both, state, both)
  for (const at of [0, 12]) expect(defect(transpose(u.w.data.slice(at, at + 12), 3, 4), 4, 3)).toBeLessThan(1.2)
  const large = { w: ndarray(new Float32Array(10_000), [100, 100]) }
  expect(qOf(scaleByDion({ rankFraction: 0.07 }).init(large)).shape).toStrictEqual([100, 7])
  expect(qOf(scaleByDion({ rankFraction: 0.001 }).init(large)).shape).toStrictEqual([100, 1])
})

test('dion scales by √(columns / rows), decays, and gives Adam the rest', () => {
  const params = { w: ndarray(new Float64Array(8).fill(1), [2, 4]), b: 1 }
  const grads = { w: ndarray(new Float64Array([3, 0, 0, 0, 0, 0, 0, 0]), [2, 4]), b: -1 }
  const tx = dion(0.1, { weightDecay: 0.5 })
  const [u] = tx.update(grads, tx.init(params), params)
  const wanted = [-0.1 * Math.SQRT2 - 0.05, ...Array(7).fill(-0.05)]
  expect(distance(u.w.data, wanted)).toBeLessThan(1e-12)
  expect(u.b).toBeCloseTo(0.1, 7)
})

test.each<readonly [ScaleByDionOptions, string]>([
  [{ rankFraction: 0 }, 'scaleByDion: rankFraction must be in (0, 1], got 0'],
  [{ beta: 1 }, 'scaleByDion: beta must be in [0, 1), got 1'],
  [{ key: 0.5 }, 'scaleByDion: key must be']
])('refuses %o', (options, message) => {
  expect(() => scaleByDion(options)).toThrow(message)
  expect(() => dion(0.1, options)).toThrow(message)
})
