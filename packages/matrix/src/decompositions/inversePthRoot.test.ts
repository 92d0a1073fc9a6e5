import {
  add,
  cast,
  force,
  matmul,
  mul,
  ndarray,
  type Operand,
  read,
  reference,
  stateless,
  step,
  transient,
  tree,
  withEngine
} from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataOf, distance, identityOf, product, squares, transpose } from '../internal/testing.js'
import { eigh } from './eigh.js'
import { inversePthRoot } from './inversePthRoot.js'

const elements = (x: Operand): Float64Array => Float64Array.from(dataOf(cast(x, 'float64')))

/** G Gᵀ / ‖G‖² + I / 4, for any G: its eigenvalues are between 1/4 and 5/4. */
const definite = squares.map(({ rows: n, data }) => {
  const largest = Math.max(...data.map(Math.abs))
  const g = data.map((x) => (largest === 0 ? 0 : x / largest))
  const norm = g.reduce((total, x) => total + x * x, 0) || 1
  const square = product(g, transpose(g, n, n), n, n, n)
  return { n, data: square.map((x, i) => x / norm + (i % (n + 1) === 0 ? 0.25 : 0)) }
})

test('its p-th power times A is the identity', () => {
  fc.assert(
    fc.property(definite, fc.integer({ min: 1, max: 9 }), ({ n, data }, p) => {
      const { root, error } = inversePthRoot(ndarray(data, [n, n]), p, { ridgeEpsilon: 0, errorTolerance: 1e-13 })
      const found = elements(root)
      let power: Float64Array = data
      for (let i = 0; i < p; i++) power = product(found, power, n, n, n)
      expect(distance(power, identityOf(n))).toBeLessThan(1e-11)
      expect(read(error)).toBeLessThan(1e-10)
      expect(found).toStrictEqual(transpose(found, n, n))
    })
  )
})

test('has the eigenvectors of A, and its eigenvalues plus the ridge, to the power of −1/p', () => {
  fc.assert(
    fc.property(definite, ({ n, data }) => {
      const { values, vectors } = eigh(ndarray(data, [n, n]))
      const [w, v] = [dataOf(values), dataOf(vectors)]
      const ridge = 0.5 * (w[n - 1] as number)
      const scaled = v.map((x, k) => x * ((w[k % n] as number) + ridge) ** (-1 / 3))
      const { root } = inversePthRoot(ndarray(data, [n, n]), 3, { ridgeEpsilon: 0.5, errorTolerance: 1e-12 })
      // The eigenvalue that the ridge is relative to is known to 1e-6, or worse where two of them are close.
      expect(distance(elements(root), product(scaled, transpose(v, n, n), n, n, n))).toBeLessThan(0.01)
    })
  )
})

const diagonalOf = (...elements: readonly number[]) =>
  ndarray(
    elements.flatMap((x, i) => elements.map((_, j) => (i === j ? x : 0))),
    [elements.length, elements.length],
    'float64'
  )

test.each([
  [1, 1e-300, 1],
  [2, 16, 0.25],
  [5, 32, 0.5],
  [10, 1e300, 1e-30],
  [3, 1e-21, 1e7]
])('of p = %s and 1 × 1: %s', (p, x, expected) => {
  const { root, error } = inversePthRoot(diagonalOf(x), p, { ridgeEpsilon: 0 })
  const wanted = x === 1e-300 ? 1e300 : expected
  expect((elements(root)[0] as number) / wanted).toBeCloseTo(1, 12)
  expect(read(error)).toBe(0)
})

test('the ridge is relative to the largest eigenvalue', () => {
  const { root } = inversePthRoot(diagonalOf(4, 0, 0), 2, { ridgeEpsilon: 0.25 })
  expect(distance(elements(root), [1 / Math.sqrt(5), 0, 0, 0, 1, 0, 0, 0, 1])).toBeLessThan(1e-6)
})

test('of zeros it is that of the smallest ridge', () => {
  const found = elements(inversePthRoot(diagonalOf(0, 0), 2).root)
  expect(found[0]).toBeCloseTo(1e11, -2)
  expect(found[1]).toBe(0)
})

test('magnitudes from 1e-20 to 1e300 are all one', () => {
  for (const unit of [1e-10, 1e10, 1e300]) {
    const found = elements(inversePthRoot(diagonalOf(2 * unit, unit), 4, { errorTolerance: 1e-12 }).root)
    const wanted = [(2 * unit) ** -0.25, 0, 0, unit ** -0.25].map((x) => x * unit ** 0.25)
    expect(
      distance(
        found.map((x) => x * unit ** 0.25),
        wanted
      )
    ).toBeLessThan(1e-5)
  }
})

test('it is the symmetric part that counts', () => {
  const skew = inversePthRoot(ndarray(new Float64Array([2, 1, 0, 3]), [2, 2]), 4).root
  expect(elements(skew)).toStrictEqual(
    elements(inversePthRoot(ndarray(new Float64Array([2, 0.5, 0.5, 3]), [2, 2]), 4).root)
  )
})

test('where the error grows by more than a fifth, the H before that step is given, and the error that it grew to', () => {
  // A negative eigenvalue has no real root of even degree: M runs away from the identity, slowly at first.
  const found = [1, 2, 50].map((numIters) => inversePthRoot(diagonalOf(1, -0.05), 2, { numIters }))
  const errors = found.map(({ error }) => read(error))
  expect(errors[0]).toBeCloseTo(1.177, 3)
  expect((errors[1] as number) / (errors[0] as number)).toBeCloseTo(1.229, 3)
  expect(errors[2]).toBe(errors[1])
  const [first, ...later] = found.map(({ root }) => elements(root))
  expect(later).toStrictEqual([first, first])
})

test('a singular matrix has no root without a ridge, and the error says so', () => {
  expect(read(inversePthRoot(diagonalOf(1, 0), 2, { ridgeEpsilon: 0 }).error)).toBe(1)
  expect(Number.isNaN(read(inversePthRoot(diagonalOf(0, 0), 2, { ridgeEpsilon: 0 }).error))).toBe(true)
})

test('ends after numIters steps', () => {
  const errors = [1, 2, 3, 4].map((numIters) => read(inversePthRoot(diagonalOf(4, 1), 2, { numIters }).error))
  expect(errors).toStrictEqual([...errors].sort((a, b) => b - a))
  expect(errors[0]).toBeGreaterThan(0.1)
})

test('a stack has a root and an error for each matrix, in the dtype of A', () => {
  const stack = ndarray(new Float32Array([16, 0, 0, 1, 1, 0, 0, 81]), [2, 2, 2])
  const found = inversePthRoot(stack, 4, { ridgeEpsilon: 0, errorTolerance: 1e-12 })
  const { root, error } = force({ root: found.root, error: found.error }) as {
    readonly root: ReturnType<typeof ndarray>
    readonly error: ReturnType<typeof ndarray>
  }
  expect([root.dtype, root.shape, error.dtype, error.shape]).toStrictEqual(['float32', [2, 2, 2], 'float32', [2]])
  expect(distance(root.data, [0.5, 0, 0, 1, 1, 0, 0, 1 / 3])).toBeLessThan(1e-7)
})

test('has the same bits in a step, in transient and on the reference engine', () => {
  const whitened = stateless((updates) =>
    tree.map((g) => {
      const { root, error } = inversePthRoot(matmul(g, g, { transposeB: true }), 4)
      return add(matmul(root, g), mul(error, g))
    }, updates)
  )
  const params = ndarray(new Float32Array(12), [3, 4])
  const grads = ndarray([1, 2, 3, 4, -1, 0, 2, 5, 3, 3, -2, 1], [3, 4])
  const state = whitened.init(params)
  const [moved] = step(whitened, grads, state, params)
  const [referred] = withEngine(reference, () => step(whitened, grads, state, params))
  const run = transient(whitened, params)
  run.step(grads)
  expect([referred.data, run.params.data.slice()]).toStrictEqual([moved.data, moved.data])
  expect(moved.data.every((x) => Number.isFinite(x) && x !== 0)).toBe(true)
})

test.each([NaN, Infinity, -Infinity])('%s makes all of it NaN, of its matrix alone', (bad) => {
  expect(elements(inversePthRoot(diagonalOf(bad), 2).root)).toStrictEqual(new Float64Array([NaN]))
  const stack = ndarray(new Float64Array([1, bad, 0, 1, 1, 0, 0, 1]), [2, 2, 2])
  const { root, error } = inversePthRoot(stack, 2, { ridgeEpsilon: 0 })
  expect(elements(root).map(Math.round)).toStrictEqual(new Float64Array([NaN, NaN, NaN, NaN, 1, 0, 0, 1]))
  expect(Number.isNaN(elements(error)[0])).toBe(true)
})

test('a matrix without rows has a root without rows', () => {
  const { root, error } = inversePthRoot(ndarray(new Float64Array(0), [0, 0]), 2)
  expect([elements(root).length, read(error)]).toStrictEqual([0, 0])
})

test.each([0, -1, 1.5, NaN])('refuses p = %s', (p) => {
  expect(() => inversePthRoot(diagonalOf(1), p)).toThrow('inversePthRoot: p must be a whole number ≥ 1, got')
})

test.each([
  [{ numIters: 0 }, 'inversePthRoot: numIters must be'],
  [{ ridgeEpsilon: -1 }, 'inversePthRoot: ridgeEpsilon must be'],
  [{ errorTolerance: NaN }, 'inversePthRoot: errorTolerance must be']
])('refuses %s', (options, message) => {
  expect(() => inversePthRoot(diagonalOf(1), 2, options)).toThrow(message)
})

test('refuses what is not square', () => {
  expect(() => inversePthRoot(ndarray(new Float64Array(6), [2, 3]), 2)).toThrow(
    'inversePthRoot: x must be a square matrix, got shape [2, 3]'
  )
})
