import {
  add,
  type Expr,
  mul,
  ndarray,
  type Operand,
  reference,
  sum,
  type Tree,
  transient,
  withEngine
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { describe, expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { naturalGradient } from './naturalGradient.js'

const numbers = (t: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, k) => Math.cos(3 * t + k * k) + 0.1 * k)

/** The solution of a small system by elimination. */
const solved = (a: readonly (readonly number[])[], b: readonly number[]): readonly number[] => {
  const rows = a.map((row, i) => [...row, b[i] as number])
  const n = rows.length
  for (let k = 0; k < n; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row) => (Math.abs(row[k] as number) > Math.abs(best[k] as number) ? row : best))
    const at = rows.indexOf(pivot)
    ;[rows[k], rows[at]] = [pivot, rows[k] as number[]]
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const row = rows[i] as number[]
      const f = (row[k] as number) / (pivot[k] as number)
      for (let j = k; j <= n; j++) row[j] = (row[j] as number) - f * (pivot[j] as number)
    }
  }
  return rows.map((row, i) => (row[n] as number) / (row[i] as number))
}

const params = { w: ndarray(new Float64Array(4), [2, 2]), b: new Float64Array(1), c: 0 }
const grads = { w: ndarray(numbers(1, 4), [2, 2]), b: numbers(2, 1), c: 0.5 }
const flat = [...grads.w.data, ...grads.b, grads.c]
const count = 9
const perExampleGradients = {
  w: ndarray(numbers(3, count * 4), [count, 2, 2]),
  b: ndarray(numbers(4, count), [count, 1]),
  c: numbers(5, count)
}
const example = (n: number): readonly number[] => [
  ...perExampleGradients.w.data.subarray(n * 4, n * 4 + 4),
  perExampleGradients.b.data[n] as number,
  perExampleGradients.c[n] as number
]
/** mean(g gᵀ) + λ I */
const fisher = (damping: number): readonly (readonly number[])[] =>
  flat.map((_, i) =>
    flat.map((_x, j) => {
      let total = 0
      for (let n = 0; n < count; n++) total += (example(n)[i] as number) * (example(n)[j] as number)
      return total / count + (i === j ? damping : 0)
    })
  )
const flattened = (u: typeof grads): readonly number[] => [...u.w.data, ...u.b, u.c]

describe('with the gradients of examples', () => {
  test('it solves the damped Fisher matrix for the gradient, after as many steps as there are directions', () => {
    for (const damping of [0.1, 1e-3]) {
      const tx = naturalGradient({ damping, iterations: 12 })
      const [u] = tx.update(grads, tx.init(params), params, { perExampleGradients })
      const wanted = solved(fisher(damping), flat)
      expect(distance(flattened(u), wanted) / Math.max(...wanted.map(Math.abs))).toBeLessThan(1e-9)
    }
  })

  test('it descends after any number of them, and comes nearer with each', () => {
    const wanted = solved(fisher(0.1), flat)
    const errors = [1, 2, 4, 6].map((iterations) => {
      const tx = naturalGradient({ damping: 0.1, iterations })
      const [u] = tx.update(grads, tx.init(params), params, { perExampleGradients })
      expect(flattened(u).reduce((total, x, i) => total + x * (flat[i] as number), 0)).toBeGreaterThan(0)
      // Conjugate gradients lessen the error in the norm of the matrix at each step.
      const e = flattened(u).map((x, i) => x - (wanted[i] as number))
      return fisher(0.1).reduce(
        (total, row, i) => total + (e[i] as number) * row.reduce((s, x, j) => s + x * (e[j] as number), 0),
        0
      )
    })
    errors.slice(1).forEach((error, i) => expect(error).toBeLessThan(errors[i] as number))
  })

  test('a tree and its flattened vector agree', () => {
    const tx = naturalGradient({ damping: 0.1, iterations: 3 })
    const [u] = tx.update(grads, tx.init(params), params, { perExampleGradients })
    const all = { all: Float64Array.from(Array.from({ length: count }, (_, n) => example(n)).flat()) }
    const vector = { all: Float64Array.from(flat) }
    const [v] = tx.update(vector, tx.init(vector), vector, {
      perExampleGradients: { all: ndarray(all.all, [count, 6]) }
    })
    expect(distance(flattened(u), v.all)).toBeLessThan(1e-12)
  })
})

describe('with products of the Fisher matrix', () => {
  const twice = (v: Tree): Tree => tree.map((x: Operand): Operand => mul(2, x), v)

  test('that are expressions', () => {
    const tx = naturalGradient({ damping: 0 })
    const [u] = tx.update(grads, tx.init(params), params, { fvp: twice })
    expect(
      distance(
        flattened(u),
        flat.map((x) => x / 2)
      )
    ).toBeLessThan(1e-15)
  })

  test('of zeros it is the gradient over the damping', () => {
    const tx = naturalGradient({ damping: 0.5 })
    const [u] = tx.update(grads, tx.init(params), params, { fvp: (v) => tree.zerosLike(v) })
    expect(
      distance(
        flattened(u),
        flat.map((x) => 2 * x)
      )
    ).toBeLessThan(1e-14)
  })

  test('which meet no curvature leave that direction alone', () => {
    const tx = naturalGradient({ damping: 0 })
    const [u] = tx.update(grads, tx.init(params), params, { fvp: (v) => tree.zerosLike(v) })
    expect(flattened(u).every((x) => x === 0)).toBe(true)
  })

  test('that mix all leaves', () => {
    const ones = (v: Tree): Tree => {
      const { w, b, c } = v as { readonly w: Expr; readonly b: Expr; readonly c: Operand }
      const total = add(add(sum(w), sum(b)), c)
      return { w: add(mul(0, w), total), b: add(mul(0, b), total), c: total }
    }
    const tx = naturalGradient({ damping: 0.3, iterations: 6 })
    const [u] = tx.update(grads, tx.init(params), params, { fvp: ones })
    const matrix = flat.map((_, i) => flat.map((_x, j) => 1 + (i === j ? 0.3 : 0)))
    expect(distance(flattened(u), solved(matrix, flat))).toBeLessThan(1e-10)
  })
})

test('zeros stay zeros, and what is not finite ends', () => {
  const tx = naturalGradient()
  const zero = { w: ndarray(new Float64Array(4), [2, 2]), b: new Float64Array(1), c: 0 }
  const [u] = tx.update(zero, tx.init(params), params, { perExampleGradients })
  expect(flattened(u).every((x) => x === 0)).toBe(true)
  const bad = { ...grads, c: Number.NaN }
  const [v] = tx.update(bad, tx.init(params), params, { perExampleGradients })
  expect(flattened(v).length).toBe(6)
})

test('both engines, and resident: the same bits', () => {
  const tx = naturalGradient({ damping: 0.1 })
  const run = (): readonly number[] => flattened(tx.update(grads, tx.init(params), params, { perExampleGradients })[0])
  expect(withEngine(reference, run)).toStrictEqual(run())
  const arrays = { w: params.w, b: params.b }
  const examples = { w: perExampleGradients.w, b: perExampleGradients.b }
  const resident = transient(tx, arrays)
  resident.step({ w: grads.w, b: grads.b }, { perExampleGradients: examples })
  const [u] = tx.update({ w: grads.w, b: grads.b }, tx.init(arrays), arrays, { perExampleGradients: examples })
  expect(Array.from(resident.params.w.data)).toStrictEqual(Array.from(u.w.data))
  resident.dispose()
})

test.each([
  [() => naturalGradient({ damping: -1 }), 'naturalGradient: damping must be a finite number ≥ 0, got -1'],
  [() => naturalGradient({ iterations: 0 }), 'naturalGradient: iterations must be a whole number ≥ 1, got 0'],
  [() => naturalGradient().update(grads, {}, params), 'naturalGradient: fvp or perExampleGradients must be given'],
  [
    () => naturalGradient().update(grads, {}, params, { fvp: 3 as never }),
    'naturalGradient: fvp must be a function, got 3'
  ],
  [
    () =>
      naturalGradient().update(grads, {}, params, {
        perExampleGradients: { ...perExampleGradients, b: new Float64Array(9) }
      }),
    'naturalGradient: perExampleGradients.b must have shape [9, 1], has [9]'
  ],
  [
    () =>
      naturalGradient().update(grads, {}, params, {
        perExampleGradients: { ...perExampleGradients, c: new Float64Array(8) }
      }),
    'naturalGradient: perExampleGradients.c must have shape [9], has [8]'
  ]
])('refuses %s', (call, message) => {
  expect(call).toThrow(message)
})
