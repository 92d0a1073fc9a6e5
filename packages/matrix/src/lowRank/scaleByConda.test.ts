import { ndarray, step, transient } from '@gradchain/core'
import { scaleByAdam } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { svdOf } from '../internal/svdOf.js'
import {
  defect,
  distance,
  emitted,
  expectMatricesApart,
  furthest,
  gradient,
  product,
  transpose
} from '../internal/testing.js'
import { conda } from './conda.js'
import { scaleByConda } from './scaleByConda.js'

interface Rule {
  readonly b1: number
  readonly b2: number
  readonly eps: number
  readonly updateProjGap: number
  readonly scale: number
}

/** The rule for a matrix of m < n, written with loops over matrices. */
const condaOf = (m: number, n: number, steps: number, rule: Rule, gradientAt = gradient): readonly Float64Array[] => {
  const { b1, b2, eps, updateProjGap, scale } = rule
  let mean: Float64Array = new Float64Array(m * n)
  let v: Float64Array = new Float64Array(m * n)
  let p: Float64Array = new Float64Array(m * m)
  return Array.from({ length: steps }, (_, i) => {
    const g = gradientAt(i + 1, [m, n]).data as Float64Array
    mean = mean.map((x, k) => b1 * x + (1 - b1) * (g[k] as number))
    if (i % updateProjGap === 0) p = Float64Array.from(svdOf(mean, m, n).u)
    const into = (x: Float64Array) => product(transpose(p, m, m), x, m, m, n)
    const r = into(g)
    v = v.map((x, k) => b2 * x + (1 - b2) * (r[k] as number) ** 2)
    const size = Math.sqrt(1 - b2 ** (i + 1)) / (1 - b1 ** (i + 1))
    const adam = into(mean).map((x, k) => (size * x) / (Math.sqrt(v[k] as number) + eps))
    return product(p, adam, m, m, n).map((x) => scale * x)
  })
}

const rules: readonly (readonly [number, number, Rule])[] = [
  [3, 4, { b1: 0.8, b2: 0.9, eps: 0.01, updateProjGap: 3, scale: 0.25 }],
  [2, 5, { b1: 0.5, b2: 0.75, eps: 1e-4, updateProjGap: 100, scale: 2 }]
]

describe('scaleByConda', () => {
  test.each(rules)('runs Adam in the left singular vectors of a %i × %i momentum with %o', (m, n, rule) => {
    const { updates } = emitted(scaleByConda(rule), [m, n], 8)
    expect(furthest(updates, condaOf(m, n, 8, rule))).toBeLessThan(1e-11)
  })

  test.each(rules)('does the same to columns: %i × %i, transposed, with %o', (m, n, rule) => {
    const turned = (t: number, shape: readonly number[]) =>
      ndarray(transpose(gradient(t, [m, n]).data, m, n), shape as [number, number])
    const { updates } = emitted(scaleByConda(rule), [n, m], 8, turned)
    const wanted = condaOf(m, n, 8, rule).map((u) => transpose(u, m, n))
    expect(furthest(updates, wanted)).toBeLessThan(1e-11)
  })

  test('the basis is orthonormal, and stays from one refresh to the next', () => {
    const { states } = emitted(scaleByConda({ updateProjGap: 2 }), [3, 4], 4)
    const bases = states.map(({ projector }) => (projector as { readonly w: { readonly data: Float64Array } }).w.data)
    for (const p of bases) expect(defect(p, 3, 3)).toBeLessThan(1e-14)
    const [first, second, third, fourth] = bases as [Float64Array, Float64Array, Float64Array, Float64Array]
    expect([second, fourth]).toStrictEqual([first, third])
    expect(distance(first, third)).toBeGreaterThan(1e-3)
  })

  test.each([
    ['a vector', [5], {}],
    ['a number', [], {}],
    ['a leaf that is no matrix', [2, 3], { weightDimensionNumbers: () => null }]
  ] as const)('%s goes through Adam with its eps hat, without the factor', (_, shape, options) => {
    const { updates } = emitted(scaleByConda({ b1: 0.8, b2: 0.9, eps: 0.01, scale: 0.5, ...options }), shape, 5)
    const adam = scaleByAdam({ b1: 0.8, b2: 0.9, eps: 0.01, epsPlacement: 'hat' })
    expect(furthest(updates, emitted(adam, shape, 5).updates)).toBeLessThan(1e-14)
  })

  test('each matrix of a stack has a basis of its own', () => {
    const tx = scaleByConda({ updateProjGap: 2, weightDimensionNumbers: { reductionAxis: 1, outputAxis: 2 } })
    expectMatricesApart(tx, scaleByConda({ updateProjGap: 2 }))
  })

  test('does not change when its options are spelled out', () => {
    const all = { b1: 0.9, b2: 0.999, eps: 1e-8, updateProjGap: 2000, scale: 1 }
    expect(emitted(scaleByConda(all), [3, 4], 5)).toStrictEqual(emitted(scaleByConda(), [3, 4], 5))
    const tx = scaleByConda()
    const params = { w: gradient(0, [2, 3]) }
    const [, first] = tx.update({ w: gradient(1, [2, 3]) }, tx.init(params), params)
    const basisAt = (count: number) => tx.update({ w: gradient(2, [2, 3]) }, { ...first, count }, params)[1].projector
    expect(basisAt(1999)).toStrictEqual(first.projector)
    expect(basisAt(2000)).not.toStrictEqual(first.projector)
  })

  test('runs resident, with the same bits', () => {
    const params = { w: gradient(0, [4, 3]), b: new Float64Array(2) }
    const grads = (t: number) => ({ w: gradient(t, [4, 3]), b: Float64Array.of(t, -1) })
    const run = transient(conda(0.1, { updateProjGap: 2 }), params)
    const optimizer = conda(0.1, { updateProjGap: 2 })
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
    ['eps must be a finite number ≥ 0, got -1', { eps: -1 }],
    ['updateProjGap must be a whole number ≥ 1, got 0', { updateProjGap: 0 }],
    ['scale must be a finite number, got NaN', { scale: Number.NaN }],
    ['weightDimensionNumbers must be undefined', { weightDimensionNumbers: 1 as never }]
  ])('refuses: %s', (message, options) => {
    expect(() => scaleByConda(options)).toThrow(`scaleByConda: ${message}`)
  })
})
