import { force, type GradientTransformation, type NdArray, ndarray, type Value } from '@gradchain/core'
import fc from 'fast-check'
import { expect } from 'vitest'

/** A matrix of a test: its rows, its columns, its elements. */
export interface Case {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

export const arrayOf = ({ rows, columns, data }: Case): NdArray => ({ dtype: 'float64', shape: [rows, columns], data })

/** The elements of what was computed. */
export const dataOf = (value: Value): Float64Array | Float32Array =>
  (force(value) as NdArray<'float64' | 'float32'>).data

/** The largest magnitude: 1 for zeros, and no less than leaves room for rounding errors above the subnormal numbers. */
export const sizeOf = (data: ArrayLike<number>): number => {
  const most = Array.from(data).reduce((found, x) => Math.max(found, Math.abs(x)), 0)
  return most === 0 ? 1 : Math.max(most, 1e-290)
}

/** The product of a matrix of m rows and k columns with one of n columns. */
export const product = (a: ArrayLike<number>, b: ArrayLike<number>, m: number, k: number, n: number): Float64Array => {
  const out = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p] as number
      for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] as number) + x * (b[p * n + j] as number)
    }
  }
  return out
}

export const transpose = (a: ArrayLike<number>, m: number, n: number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, i) => a[(i % m) * n + Math.floor(i / m)] as number)

/** By how much two arrays differ at most. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0)

export const identityOf = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))

/** By how much the columns of a matrix miss being orthonormal. */
export const defect = (q: ArrayLike<number>, m: number, n: number): number =>
  distance(product(transpose(q, m, n), q, n, m, n), identityOf(n))

const element = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, -1, 2) },
  { weight: 1, arbitrary: fc.constantFrom(1e-300, -1e-8, 1e-160, 5e-324) }
)
const side = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10, max: 33 }) }
)
const unit = fc.constantFrom(1, 1, 1, 1e-300, 1e300, 1e-20)

/** Matrices of every form: wide, tall, of low rank, graded, with equal rows, with zeros, tiny and huge. */
export const matrices: fc.Arbitrary<Case> = fc
  .tuple(side, side, unit, fc.constantFrom('full', 'low', 'graded', 'equal'))
  .chain(([rows, columns, scale, form]) =>
    fc.array(element, { minLength: rows * columns, maxLength: rows * columns }).map((elements) => {
      const at = (i: number, j: number): number => {
        if (form === 'low') return (elements[i * columns] as number) * (elements[j] as number)
        if (form === 'graded') return (elements[i * columns + j] as number) * 10 ** -(3 * i + 5 * j)
        return elements[(form === 'equal' ? 0 : i) * columns + j] as number
      }
      const data = Float64Array.from({ length: rows * columns }, (_, k) => at(Math.floor(k / columns), k % columns))
      return { rows, columns, data: data.map((x) => x * scale) }
    })
  )

/** Square ones. */
export const squares: fc.Arbitrary<Case> = matrices.map(({ rows, columns, data }) => {
  const n = Math.min(rows, columns)
  const at = (i: number, j: number): number => data[i * columns + j] as number
  return { rows: n, columns: n, data: Float64Array.from({ length: n * n }, (_, k) => at(Math.floor(k / n), k % n)) }
})

/** Symmetric ones. */
export const symmetric: fc.Arbitrary<Case> = squares.map(({ rows, columns, data }) => ({
  rows,
  columns,
  data: data.map((_, k) => {
    const [i, j] = [Math.floor(k / rows), k % rows]
    return data[Math.max(i, j) * rows + Math.min(i, j)] as number
  })
}))

/** Numbers of no particular form, another for each step. */
export const gradient = (t: number, shape: readonly number[]) =>
  ndarray(
    Float64Array.from(
      { length: shape.reduce((n, length) => n * length, 1) },
      (_, k) => Math.cos(3 * t + k * k) + 0.1 * k
    ),
    shape
  )

/** What is emitted for the gradients of so many steps, and the states. */
export const emitted = <S>(
  tx: GradientTransformation<S>,
  shape: readonly number[],
  steps: number,
  gradientAt = gradient
) => {
  const params = { w: gradient(0, shape) }
  let state = tx.init(params)
  const updates: Float64Array[] = []
  const states: S[] = []
  for (let t = 1; t <= steps; t++) {
    const [u, next] = tx.update({ w: gradientAt(t, shape) }, state, params)
    updates.push(u.w.data as Float64Array)
    state = next
    states.push(next)
  }
  return { updates, states }
}

/** How far updates are apart at the most. */
export const furthest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(...a.map((u, i) => distance(u, b[i] as Float64Array)))

/** Each matrix of a stack goes its own way: as `alone` does for one of 3 × 2. */
export const expectMatricesApart = <S>(tx: GradientTransformation<S>, alone: GradientTransformation<S>): void => {
  const shape = [2, 3, 2]
  const parts = (t: number) => {
    const { data } = gradient(t, shape)
    return [data.slice(0, 6), data.slice(6)].map((part) => ({ w: ndarray(part as Float64Array, [3, 2]) }))
  }
  let state = tx.init({ w: gradient(0, shape) })
  let states = parts(0).map((params) => alone.init(params))
  for (let t = 1; t <= 4; t++) {
    const [u, next] = tx.update({ w: gradient(t, shape) }, state, { w: gradient(0, shape) })
    state = next
    const found = parts(t).map((g, i) => alone.update(g, states[i] as (typeof states)[0], parts(0)[i] as typeof g))
    states = found.map(([, s]) => s)
    expect(
      distance(
        u.w.data,
        found.flatMap(([v]) => Array.from(v.w.data))
      )
    ).toBeLessThan(1e-13)
  }
}
