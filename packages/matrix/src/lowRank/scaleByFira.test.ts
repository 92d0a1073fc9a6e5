import { type GradientTransformation, ndarray, step, transient } from '@gradchain/core'
import { scaleByAdam } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { svdOf } from '../internal/svdOf.js'
import { distance, emitted as emittedFor, furthest, product, transpose } from '../internal/testing.js'
import { fira } from './fira.js'
import { scaleByFira } from './scaleByFira.js'
import { scaleByGalore } from './scaleByGalore.js'

/** Numbers of no particular form, another for each step, and larger from step to step. */
const gradient = (t: number, shape: readonly number[]) =>
  ndarray(
    Float64Array.from(
      { length: shape.reduce((n, length) => n * length, 1) },
      (_, k) => (1 + t) * (Math.cos(3 * t + k * k) + 0.1 * k)
    ),
    shape
  )

/** What is emitted for the gradients of so many steps, and the states. */
const emitted = <S>(tx: GradientTransformation<S>, shape: readonly number[], steps: number, gradientAt = gradient) =>
  emittedFor(tx, shape, steps, gradientAt)

interface Rule {
  readonly rank: number
  readonly updateProjGap: number
  readonly scale: number
  readonly maxGrowth: number
  readonly b1: number
  readonly b2: number
  readonly eps: number
}

/** The rule for a matrix of m < n, written with loops over matrices; and how often the growth was limited. */
const firaOf = (m: number, n: number, steps: number, rule: Rule) => {
  const { rank: r, updateProjGap, scale, maxGrowth, b1, b2, eps } = rule
  let mean: Float64Array = new Float64Array(r * n)
  let v: Float64Array = new Float64Array(r * n)
  let p: Float64Array = new Float64Array(m * r)
  let before = 0
  let limited = 0
  const updates = Array.from({ length: steps }, (_, i) => {
    const g = gradient(i + 1, [m, n]).data as Float64Array
    if (i % updateProjGap === 0) {
      const old = p
      const { u } = svdOf(g, m, n)
      p = Float64Array.from({ length: m * r }, (_x, k) => u[Math.floor(k / r) * m + (k % r)] as number)
      // The moments go on in new directions, whose signs are those nearest to the old ones.
      p = alongside(p, old, m, r)
    }
    const small = product(transpose(p, m, r), g, r, m, n)
    mean = mean.map((x, k) => b1 * x + (1 - b1) * (small[k] as number))
    v = v.map((x, k) => b2 * x + (1 - b2) * (small[k] as number) ** 2)
    const adam = mean.map((x, k) => x / (Math.sqrt(v[k] as number) + eps))
    const lengthOf = (x: Float64Array, j: number) =>
      Math.hypot(...Array.from({ length: r }, (_x, k) => x[k * n + j] as number))
    const inside = product(p, small, m, r, n)
    let rest = g.map(
      (x, k) => ((x - scale * (inside[k] as number)) * lengthOf(adam, k % n)) / (lengthOf(small, k % n) + 1e-8)
    )
    const growth = Math.hypot(...rest) / (before + 1e-8)
    if (i > 0 && growth > maxGrowth) {
      limited++
      rest = rest.map((x) => (x * maxGrowth) / growth)
    }
    before = Math.hypot(...rest)
    const size = Math.sqrt(1 - b2 ** (i + 1)) / (1 - b1 ** (i + 1))
    const whole = product(p, adam, m, r, n)
    return whole.map((x, k) => size * (scale * x + (rest[k] as number)))
  })
  return { updates, limited }
}

/** Columns, each turned to point along the one that stood there before. */
const alongside = (p: Float64Array, before: Float64Array, m: number, r: number): Float64Array =>
  p.map((x, k, all) => {
    let along = 0
    for (let i = 0; i < m; i++) along += (all[i * r + (k % r)] as number) * (before[i * r + (k % r)] as number)
    return along < 0 ? -x : x
  })

const rules: readonly (readonly [number, number, Rule])[] = [
  [3, 4, { rank: 2, updateProjGap: 3, scale: 0.25, maxGrowth: 1.1, b1: 0.8, b2: 0.9, eps: 0.01 }],
  [4, 5, { rank: 1, updateProjGap: 100, scale: 1, maxGrowth: 1.01, b1: 0.5, b2: 0.75, eps: 1e-4 }]
]

describe('scaleByFira', () => {
  test.each(rules)('has Adam in some directions and the rest as long as that, %i × %i with %o', (m, n, rule) => {
    const { updates, limited } = firaOf(m, n, 8, rule)
    expect(furthest(emitted(scaleByFira(rule), [m, n], 8).updates, updates)).toBeLessThan(1e-11)
    expect(limited).toBeGreaterThan(0)
    expect(limited).toBeLessThan(7)
  })

  test.each(rules)('does the same to columns: %i × %i, transposed, with %o', (m, n, rule) => {
    const turned = (t: number, shape: readonly number[]) =>
      ndarray(transpose(gradient(t, [m, n]).data, m, n), shape as [number, number])
    const { updates } = emitted(scaleByFira(rule), [n, m], 8, turned)
    const wanted = firaOf(m, n, 8, rule).updates.map((u) => transpose(u, m, n))
    expect(furthest(updates, wanted)).toBeLessThan(1e-11)
  })

  test('with the full rank it is GaLore’s update with Adam', () => {
    const adam = scaleByAdam({ eps: 1e-6, epsPlacement: 'hat' })
    const galore = scaleByGalore({ rank: 3, projection: 'short', baseOptimizer: adam })
    const { updates } = emitted(scaleByFira({ rank: 3 }), [3, 4], 5)
    expect(furthest(updates, emitted(galore, [3, 4], 5).updates)).toBeLessThan(1e-12)
  })

  test.each([
    ['a vector', [5], {}],
    ['a number', [], {}],
    ['a leaf that is no matrix', [2, 3], { weightDimensionNumbers: () => null }]
  ] as const)('%s goes through Adam with its eps hat, without the factor', (_, shape, options) => {
    const { updates } = emitted(scaleByFira({ b1: 0.8, b2: 0.9, eps: 0.01, scale: 0.5, ...options }), shape, 5)
    const adam = scaleByAdam({ b1: 0.8, b2: 0.9, eps: 0.01, epsPlacement: 'hat' })
    expect(furthest(updates, emitted(adam, shape, 5).updates)).toBeLessThan(1e-14)
  })

  test('each matrix of a stack has directions and a limit of its own', () => {
    const some = { rank: 1, updateProjGap: 2 }
    const tx = scaleByFira({ ...some, weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } })
    const alone = scaleByFira(some)
    const shape = [2, 3, 2]
    const parts = (t: number) => {
      const { data } = gradient(t, shape)
      return [data.slice(0, 6), data.slice(6)].map((part) => ({ w: ndarray(part as Float64Array, [3, 2]) }))
    }
    let state = tx.init({ w: gradient(0, shape) })
    expect(state.norm).toMatchObject({ w: { shape: [2, 1, 1] } })
    let states = parts(0).map((params) => alone.init(params))
    for (let t = 1; t <= 4; t++) {
      const [u, next] = tx.update({ w: gradient(t, shape) }, state, { w: gradient(0, shape) })
      state = next
      const found = parts(t).map((g, i) => alone.update(g, states[i] as (typeof states)[0], parts(0)[i] as typeof g))
      states = found.map(([, s]) => s)
      const wanted = found.flatMap(([v]) => Array.from(v.w.data))
      expect(distance(u.w.data, wanted)).toBeLessThan(1e-13)
    }
  })

  test('does not change when its options are spelled out', () => {
    const all = { rank: 128, updateProjGap: 200, scale: 1, maxGrowth: 1.01, b1: 0.9, b2: 0.999, eps: 1e-6 }
    expect(emitted(scaleByFira(all), [3, 4], 5)).toStrictEqual(emitted(scaleByFira(), [3, 4], 5))
    const wide = { ...all, rank: 1 }
    expect(emitted(scaleByFira(wide), [3, 4], 5)).toStrictEqual(emitted(scaleByFira({ rank: 1 }), [3, 4], 5))
    const tx = scaleByFira({ rank: 1 })
    const params = { w: gradient(0, [2, 3]) }
    const [, first] = tx.update({ w: gradient(1, [2, 3]) }, tx.init(params), params)
    const directionsAt = (count: number) =>
      tx.update({ w: gradient(2, [2, 3]) }, { ...first, count }, params)[1].projector
    expect(directionsAt(199)).toStrictEqual(first.projector)
    expect(directionsAt(200)).not.toStrictEqual(first.projector)
    const kept = scaleByFira().init({ w: gradient(0, [130, 129]) }).projector as { w: { shape: readonly number[] } }
    expect(kept.w.shape).toStrictEqual([129, 128])
  })

  test('runs resident, with the same bits', () => {
    const params = { w: gradient(0, [4, 3]), b: new Float64Array(2) }
    const grads = (t: number) => ({ w: gradient(t, [4, 3]), b: Float64Array.of(t, -1) })
    const run = transient(fira(0.1, { rank: 2, updateProjGap: 2 }), params)
    const optimizer = fira(0.1, { rank: 2, updateProjGap: 2 })
    let [now, state] = [params, optimizer.init(params)]
    for (const t of [1, 2, 3]) {
      run.step(grads(t))
      ;[now, state] = step(optimizer, grads(t), state, now)
    }
    expect(Array.from(run.params.w.data)).toStrictEqual(Array.from(now.w.data))
    run.dispose()
  })

  test.each([
    ['rank must be a whole number ≥ 1, got 0', { rank: 0 }],
    ['updateProjGap must be a whole number ≥ 1, got 0.5', { updateProjGap: 0.5 }],
    ['scale must be a finite number, got NaN', { scale: Number.NaN }],
    ['maxGrowth must be a finite number > 0, got 0', { maxGrowth: 0 }],
    ['b1 must be in [0, 1), got 1', { b1: 1 }],
    ['b2 must be in [0, 1), got -1', { b2: -1 }],
    ['eps must be a finite number ≥ 0, got -1', { eps: -1 }],
    ['weightDimensionNumbers must be undefined', { weightDimensionNumbers: 1 as never }]
  ])('refuses: %s', (message, options) => {
    expect(() => scaleByFira(options)).toThrow(`scaleByFira: ${message}`)
  })
})
