import { matmul, mul, ndarray, type Operand, reshape, sub, sum, type Value } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applied, dotOf, normOf } from '../internal/vectors.js'
import type { MinimizeMethod, MinimizePoint, MinimizeProblem } from '../minimize/method.js'
import { minimize } from '../minimize/minimize.js'
import { bfgs } from './bfgs.js'
import { conjugateGradient } from './conjugateGradient.js'
import { newton } from './newton.js'
import { sr1 } from './sr1.js'

/** A A' + I, row by row, from the numbers of A. */
const definite = (numbers: Float64Array, n: number): Float64Array =>
  new Float64Array(n * n).map((_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    const row = (k: number): Float64Array => numbers.subarray(k * n, (k + 1) * n)
    return dotOf(row(i), row(j)) + (i === j ? 1 : 0)
  })

/** ½ (x − c)ᵀ H (x − c) */
const quadratic =
  (hessian: Float64Array, centre: Float64Array) =>
  (x: Operand): Value => {
    const n = centre.length
    const away = reshape(sub(x, centre), [n, 1])
    return mul(0.5, sum(mul(away, matmul(ndarray(hessian, [n, n]), away))))
  }

const N = 4
const entries = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: N * N, maxLength: N * N })
const place = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: N, maxLength: N })

const kinds: readonly (readonly [string, () => MinimizeMethod, most: number])[] = [
  ['bfgs', () => bfgs(), 40],
  ['sr1', () => sr1(), 60],
  ['newton', () => newton(), 12],
  ['newton by line searches', () => newton({ damping: 'lineSearch' }), 2],
  ['conjugateGradient', () => conjugateGradient(), 150],
  ['conjugateGradient, Fletcher–Reeves', () => conjugateGradient({ beta: 'fletcherReeves' }), 300],
  ['conjugateGradient, Hager–Zhang', () => conjugateGradient({ beta: 'hagerZhang' }), 150]
]

describe.each(kinds)('%s', (_, method, most) => {
  test('finds the minimum of every convex quadratic', () => {
    fc.assert(
      fc.property(entries, place, place, (numbers, centre, start) => {
        const hessian = definite(Float64Array.from(numbers), N)
        const middle = Float64Array.from(centre)
        const from = Float64Array.from(start)
        const { x, steps, success } = minimize(quadratic(hessian, middle), from, { method: method() })
        expect(success).toBe(true)
        expect(steps).toBeLessThanOrEqual(most)
        // The gradient fell to 1e-9, and no eigenvalue is below 1.
        expect(normOf(x.map((xi, i) => xi - (middle[i] ?? 0)))).toBeLessThan(1e-5)
      }),
      { numRuns: 25 }
    )
  })
})

/** A quadratic as a method sees it. */
const problemOf = (hessian: Float64Array): MinimizeProblem => ({
  size: N,
  precision: 2 ** -52,
  scale: 1,
  at: (x) => ({ x, value: 0.5 * dotOf(x, applied(hessian, x)), gradient: applied(hessian, x) }),
  product: (_, v) => applied(hessian, v),
  paramsOf: (x) => x,
  vectorOf: (tree) => tree as Float64Array
})

const firstPoint = (problem: MinimizeProblem): MinimizePoint =>
  problem.at(Float64Array.from([3, -2, 1, 4])) as MinimizePoint

/** States of a method on a quadratic, step after step. */
const follow = <S>(method: MinimizeMethod<S>, problem: MinimizeProblem, steps: number): S => {
  let point = firstPoint(problem)
  let state = method.start(problem, point)
  for (let i = 0; i < steps; i++) ({ point, state } = method.next(problem, point, state))
  return state
}

const hessian = definite(Float64Array.from([1, 2, 0, 1, 0, 1, 1, -1, 2, 0, 1, 0, 0, 1, 0, 2]), N)

test('bfgs: the last step and the change over it satisfy the secant equation, H y = s', () => {
  const problem = problemOf(hessian)
  const method = bfgs()
  let point = firstPoint(problem)
  let state = method.start(problem, point)
  for (let i = 0; i < 4; i++) {
    const next = method.next(problem, point, state)
    const s = next.point.x.map((x, k) => x - (point.x[k] ?? 0))
    const y = next.point.gradient.map((g, k) => g - (point.gradient[k] ?? 0))
    const image = applied(next.state.inverse as Float64Array, y)
    for (let k = 0; k < N; k++) expect(image[k]).toBeCloseTo(s[k] ?? 0, 10)
    ;({ point, state } = next)
  }
})

test('sr1: after steps in all directions the estimate is the Hessian', () => {
  const { hessian: found } = follow(sr1(), problemOf(hessian), 12)
  hessian.forEach((h, i) => {
    expect(found?.[i]).toBeCloseTo(h, 6)
  })
})

test('newton: one step within the radius ends on the minimum of a quadratic', () => {
  const problem = problemOf(hessian)
  const point = firstPoint(problem)
  const method = newton()
  const { point: next } = method.next(problem, point, method.start(problem, point))
  expect(normOf(next.x)).toBeLessThan(1e-12)
})

test('newton: a step is never longer than the radius', () => {
  fc.assert(
    fc.property(entries, fc.double({ min: 1e-6, max: 10, noNaN: true }), (numbers, radius) => {
      // Symmetric, and mostly indefinite.
      const matrix = new Float64Array(N * N).map((_, at) => {
        const [i, j] = [Math.floor(at / N), at % N]
        return (numbers[i * N + j] ?? 0) + (numbers[j * N + i] ?? 0)
      })
      const problem = problemOf(matrix)
      const point = firstPoint(problem)
      const trust = { radius, promised: 0 }
      const { point: next } = newton().next(problem, point, { trust, known: null })
      // What is added to x is rounded as x is.
      expect(normOf(next.x.map((x, i) => x - (point.x[i] ?? 0)))).toBeLessThanOrEqual(radius * (1 + 1e-12) + 1e-15)
      expect(next.value).toBeLessThanOrEqual(point.value)
    })
  )
})

test('newton leaves a saddle, by either damping', () => {
  const saddle = ([x, y]: readonly [x: Operand, y: Operand]): Value =>
    sum(sub(mul(x, x), sub(mul(y, y), mul(mul(y, y), mul(y, y)))))
  for (const damping of ['trustRegion', 'lineSearch'] as const) {
    const { x, value } = minimize(saddle, [0, 0], { method: newton({ damping }) })
    expect(Math.abs(Number(x[1]))).toBeCloseTo(Math.SQRT1_2, 6)
    expect(value).toBeCloseTo(-0.25, 12)
  }
})

test('conjugateGradient: with one direction left, all three are the same', () => {
  const line = (x: Operand): Value => sum(mul(x, x))
  const ends = (['polakRibiere', 'fletcherReeves', 'hagerZhang'] as const).map(
    (beta) => minimize(line, Float64Array.from([5]), { method: conjugateGradient({ beta }) }).evaluations.values
  )
  expect(new Set(ends).size).toBe(1)
})

test.each([
  [
    () => newton({ damping: 'none' as never }),
    'newton: damping must be one of "trustRegion", "lineSearch", got "none"'
  ],
  [
    () => conjugateGradient({ beta: 'none' as never }),
    'conjugateGradient: beta must be one of "polakRibiere", "fletcherReeves", "hagerZhang", got "none"'
  ]
])('refuses %o', (make, message) => {
  expect(make).toThrow(message)
})
