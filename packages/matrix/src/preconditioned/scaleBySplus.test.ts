import { step, transient } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { eighOf } from '../internal/eighOf.js'
import { defect, distance, expectMatricesApart, gradient, product, transpose } from '../internal/testing.js'
import { type ScaleBySplusOptions, scaleBySplus } from './scaleBySplus.js'
import { splus } from './splus.js'

/** What is emitted for the gradients of so many steps, and the states. */
const emitted = (options: ScaleBySplusOptions, shape: readonly number[], steps: number) => {
  const tx = scaleBySplus(options)
  const params = { w: gradient(0, shape) }
  let state = tx.init(params)
  const updates: Float64Array[] = []
  for (let t = 1; t <= steps; t++) {
    const [u, next] = tx.update({ w: gradient(t, shape) }, state, params)
    updates.push(u.w.data as Float64Array)
    state = next
  }
  return { updates, state }
}

/** The rule, written with loops over matrices. */
const splusOf = (
  m: number,
  n: number,
  steps: number,
  { b1, b2, refreshEvery, sides }: { b1: number; b2: number; refreshEvery: number; sides: readonly [boolean, boolean] }
): readonly Float64Array[] => {
  const identity = (k: number) => Float64Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 1 : 0))
  let [p, q]: [Float64Array, Float64Array] = [identity(m), identity(n)]
  let [l, r]: [Float64Array, Float64Array] = [new Float64Array(m * m), new Float64Array(n * n)]
  let mean: Float64Array = new Float64Array(m * n)
  return Array.from({ length: steps }, (_, i) => {
    const g = gradient(i + 1, [m, n]).data as Float64Array
    mean = mean.map((x, k) => b1 * x + (1 - b1) * (g[k] as number))
    const inside = product(product(transpose(p, m, m), mean, m, m, n), q, m, n, n)
    const signs = inside.map(Math.sign)
    const u = product(product(p, signs, m, m, n), transpose(q, n, n), m, n, n)
    const [gg, gtg] = [product(g, transpose(g, m, n), m, n, m), product(transpose(g, m, n), g, n, m, n)]
    l = l.map((x, k) => b2 * x + (1 - b2) * (gg[k] as number))
    r = r.map((x, k) => b2 * x + (1 - b2) * (gtg[k] as number))
    if (i === 0 || (i + 1) % refreshEvery === 0) {
      if (sides[0]) p = Float64Array.from(eighOf(l, m).vectors)
      if (sides[1]) q = Float64Array.from(eighOf(r, n).vectors)
    }
    return u
  })
}

const furthest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(...a.map((u, i) => distance(u, b[i] as Float64Array)))

describe('scaleBySplus', () => {
  test.each([
    [3, 3, 2],
    [4, 3, 3],
    [3, 4, 100]
  ])('has the signs of a %i × %i momentum in bases that are refreshed every %i steps', (m, n, refreshEvery) => {
    const rule = { b1: 0.75, b2: 0.9, refreshEvery }
    const { updates } = emitted(rule, [m, n], 9)
    expect(furthest(updates, splusOf(m, n, 9, { ...rule, sides: [true, true] }))).toBeLessThan(1e-12)
  })

  test('a side that is too long has no basis', () => {
    const rule = { b1: 0.75, b2: 0.9, refreshEvery: 2 }
    const { updates, state } = emitted({ ...rule, maxPreconditionerDim: 3 }, [4, 3], 7)
    expect(furthest(updates, splusOf(4, 3, 7, { ...rule, sides: [false, true] }))).toBeLessThan(1e-12)
    expect([state.gg[0], state.q[0]]).toStrictEqual([{ w: 0 }, { w: 0 }])
  })

  test.each([
    ['a vector', [5], {}],
    ['a number', [], {}],
    ['a leaf that is no matrix', [2, 3], { weightDimensionNumbers: () => null }],
    ['a matrix without bases', [2, 3], { maxPreconditionerDim: 1 }]
  ] as const)('%s has the sign of its first moment', (_, shape, options) => {
    const { updates } = emitted({ b1: 0.5, ...options }, shape, 4)
    let mean = (gradient(0, shape).data as Float64Array).map(() => 0)
    for (const [i, u] of updates.entries()) {
      const g = gradient(i + 1, shape).data as Float64Array
      mean = mean.map((x, k) => 0.5 * x + 0.5 * (g[k] as number))
      expect(Array.from(u)).toStrictEqual(Array.from(mean, Math.sign))
    }
  })

  test('its updates are as long as their signs, and its bases orthonormal', () => {
    const { updates, state } = emitted({ refreshEvery: 2 }, [4, 3], 6)
    for (const u of updates) expect(Math.hypot(...u)).toBeCloseTo(Math.sqrt(12), 12)
    const basis = (i: 0 | 1) => (state.q[i] as { readonly w: { readonly data: Float64Array } }).w.data
    expect(defect(basis(0), 4, 4)).toBeLessThan(1e-14)
    expect(defect(basis(1), 3, 3)).toBeLessThan(1e-14)
  })

  test('keeps averages of the products of rows and of columns', () => {
    const { state } = emitted({ b1: 0.5, b2: 0.75 }, [2, 3], 2)
    const kept = (i: 0 | 1) => (state.gg[i] as { readonly w: { readonly data: Float64Array } }).w.data
    const weighted = (f: (g: Float64Array) => Float64Array) => {
      const [a, b] = [1, 2].map((t) => f(gradient(t, [2, 3]).data as Float64Array)) as [Float64Array, Float64Array]
      return a.map((x, k) => 0.75 * 0.25 * x + 0.25 * (b[k] as number))
    }
    expect(
      distance(
        kept(0),
        weighted((g) => product(g, transpose(g, 2, 3), 2, 3, 2))
      )
    ).toBeLessThan(1e-14)
    expect(
      distance(
        kept(1),
        weighted((g) => product(transpose(g, 2, 3), g, 3, 2, 3))
      )
    ).toBeLessThan(1e-14)
  })

  test('each matrix of a stack is one of its own', () => {
    const tx = scaleBySplus({ refreshEvery: 1, weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } })
    expectMatricesApart(tx, scaleBySplus({ refreshEvery: 1 }))
  })

  test('does not change when its options are spelled out', () => {
    const all = { b1: 0.9, b2: 0.999, refreshEvery: 100, maxPreconditionerDim: 10_000 }
    expect(emitted(all, [3, 4], 5)).toStrictEqual(emitted({}, [3, 4], 5))
    const tx = scaleBySplus()
    const params = { w: gradient(0, [2, 2]) }
    const early = { ...tx.update({ w: gradient(1, [2, 2]) }, tx.init(params), params)[1], count: 98 }
    const [, kept] = tx.update({ w: gradient(2, [2, 2]) }, early, params)
    expect(kept.q).toStrictEqual(early.q)
    expect(tx.update({ w: gradient(3, [2, 2]) }, kept, params)[1].q).not.toStrictEqual(early.q)
  })

  test('runs resident, with the same bits', () => {
    const params = { w: gradient(0, [4, 3]), b: new Float64Array(2) }
    const grads = (t: number) => ({ w: gradient(t, [4, 3]), b: Float64Array.of(t, -1) })
    const run = transient(splus(0.1, { refreshEvery: 2 }), params)
    const optimizer = splus(0.1, { refreshEvery: 2 })
    let [now, state] = [params, optimizer.init(params)]
    for (const t of [1, 2, 3]) {
      run.step(grads(t))
      ;[now, state] = step(optimizer, grads(t), state, now)
    }
    expect(Array.from(run.params.w.data)).toStrictEqual(Array.from(now.w.data))
    run.dispose()
  })

  test.each([
    ['b1 must be in [0, 1), got 1', { b1: 1 }],
    ['b2 must be in [0, 1), got -1', { b2: -1 }],
    ['refreshEvery must be a whole number ≥ 1, got 0', { refreshEvery: 0 }],
    ['maxPreconditionerDim must be a whole number ≥ 1, got 0.5', { maxPreconditionerDim: 0.5 }],
    ['weightDimensionNumbers must be undefined', { weightDimensionNumbers: 1 as never }]
  ])('refuses: %s', (message, options) => {
    expect(() => scaleBySplus(options)).toThrow(`scaleBySplus: ${message}`)
  })
})
