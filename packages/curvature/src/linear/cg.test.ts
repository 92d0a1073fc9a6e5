import { InvalidTree, matmul, mul, ndarray, type Operand, reshape } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applied, normOf } from '../internal/vectors.js'
import { cg } from './cg.js'

const N = 5

/** B Bᵀ + I */
const definite = (numbers: readonly number[]): Float64Array =>
  new Float64Array(N * N).map((_, at) => {
    const [i, j] = [Math.floor(at / N), at % N]
    let total = i === j ? 1 : 0
    for (let k = 0; k < N; k++) total += (numbers[i * N + k] ?? 0) * (numbers[j * N + k] ?? 0)
    return total
  })

const entries = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: N * N, maxLength: N * N })
const sides = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: N, maxLength: N })

const residual = (matrix: Float64Array, x: Float64Array, b: Float64Array): number =>
  normOf(applied(matrix, x).map((y, i) => y - (b[i] ?? 0)))

test('solves every positive definite system', () => {
  fc.assert(
    fc.property(entries, sides, (numbers, side) => {
      const matrix = definite(numbers)
      const b = Float64Array.from(side)
      const { x, success, reason } = cg<Float64Array>((v) => applied(matrix, v), b)
      expect(reason).toBe('residual')
      expect(success).toBe(true)
      // What is carried along and what is differ by rounding, times the condition.
      expect(residual(matrix, x, b)).toBeLessThanOrEqual(1e-7 * normOf(b))
    })
  )
})

test('is exact after as many steps as there are distinct eigenvalues', () => {
  const scales = Float64Array.from([2, 2, 7, 7, 7])
  const { steps, x } = cg<Float64Array>((v) => v.map((vi, i) => vi * (scales[i] ?? 0)), new Float64Array(N).fill(14))
  expect(steps).toBe(2)
  x.forEach((xi, i) => {
    expect(xi).toBeCloseTo(14 / (scales[i] ?? 1), 12)
  })
})

test('with the inverse as preconditioner it takes one step', () => {
  const matrix = Float64Array.from([1, 10, 100, 1000, 10000])
  const { steps } = cg<Float64Array>((v) => v.map((vi, i) => vi * (matrix[i] ?? 0)), new Float64Array(N).fill(1), {
    preconditioner: (r) => r.map((ri, i) => ri / (matrix[i] ?? 1))
  })
  expect(steps).toBe(1)
})

test('a start at the solution is the end, and so is a right side of 0', () => {
  const twice = (v: Float64Array): Float64Array => v.map((vi) => 2 * vi)
  const b = Float64Array.from([2, 4])
  expect(cg(twice, b, { x0: Float64Array.from([1, 2]) }).steps).toBe(0)
  expect(cg(twice, new Float64Array(2))).toStrictEqual({
    x: new Float64Array(2),
    residual: 0,
    steps: 0,
    reason: 'residual',
    success: true
  })
})

test('products may be expressions, and b any tree', () => {
  const matrix = ndarray(Float64Array.from([2, 1, 1, 3]), [2, 2])
  const product = ({ m, s }: { m: Operand; s: Operand }) => ({
    m: reshape(matmul(matrix, reshape(m, [2, 1])), null),
    s: mul(4, s)
  })
  const { x } = cg((v: { m: Float64Array; s: number }) => product(v), { m: Float64Array.from([3, 4]), s: 8 })
  expect(x.m[0]).toBeCloseTo(1, 12)
  expect(x.m[1]).toBeCloseTo(1, 12)
  expect(x.s).toBeCloseTo(2, 12)
})

test('is linear in b where squares of it are no numbers', () => {
  const product = (v: Float64Array) => Float64Array.of(4 * (v[0] ?? 0) + (v[1] ?? 0), (v[0] ?? 0) + 3 * (v[1] ?? 0))
  for (const unit of [2 ** -900, 2 ** 900]) {
    const { x, residual, success } = cg(product, Float64Array.of(unit, 2 * unit), { tolerance: 1e-3 })
    const plain = cg(product, Float64Array.of(1, 2), { tolerance: 1e-3 })
    expect(x.map((xi) => xi / unit)).toStrictEqual(plain.x)
    expect(residual / unit).toBe(plain.residual)
    expect(success).toBe(true)
  }
})

test('refuses what does not fit b', () => {
  const b = { w: new Float64Array(2).fill(1) }
  const of = (length: number) => ({ w: new Float64Array(length) })
  for (const length of [1, 3]) {
    const got = `.w must have shape [2], got [${length}]`
    expect(() => cg(() => of(length), b)).toThrow(new InvalidTree(`cg: product(v)${got}`))
    expect(() => cg((v) => v, b, { x0: of(length) })).toThrow(new InvalidTree(`cg: x0${got}`))
    expect(() => cg((v) => v, b, { preconditioner: () => of(length) })).toThrow(
      new InvalidTree(`cg: preconditioner(residual)${got}`)
    )
  }
})

test('says where A is not positive definite, where the budget ends, and where a product is NaN', () => {
  const b = Float64Array.from([1, 1])
  const down = cg<Float64Array>((v) => v.map((vi) => -vi), b)
  expect(down.reason).toBe('curvature')
  expect(down.x).toStrictEqual(new Float64Array(2))
  expect(cg<Float64Array>((v) => v.map((vi, i) => vi * (1 + i)), b, { maxSteps: 1 }).reason).toBe('budget')
  expect(cg<Float64Array>((v) => v, b, { maxSteps: 0 }).reason).toBe('budget')
  const broken = cg<Float64Array>((v) => v.map(() => Number.NaN), b)
  expect(broken.reason).toBe('notFinite')
  expect(broken.success).toBe(false)
  expect(cg<Float64Array>((v) => v, Float64Array.from([Number.NaN])).reason).toBe('notFinite')
})

test.each([
  [{ tolerance: -1 }, 'cg: tolerance must be a finite number ≥ 0, got -1'],
  [{ maxSteps: 0.5 }, 'cg: maxSteps must be a whole number ≥ 0, got 0.5'],
  [{ preconditioner: 1 }, 'cg: preconditioner must be a function, got 1']
])('refuses %o', (options, message) => {
  expect(() => cg<Float64Array>((v) => v, new Float64Array(1), options as never)).toThrow(message)
  expect(() => cg(1 as never, new Float64Array(1))).toThrow('cg: product must be a function, got 1')
})
