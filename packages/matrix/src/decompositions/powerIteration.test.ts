import {
  add,
  cast,
  force,
  hvp,
  matmul,
  mul,
  ndarray,
  type Operand,
  random,
  read,
  reshape,
  sumSquares
} from '@gradchain/core'
import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import { arrayOf, dataOf, distance, sizeOf, symmetric } from '../internal/testing.js'
import { eigh } from './eigh.js'
import { powerIteration } from './powerIteration.js'

const elements = (x: Operand): Float64Array => Float64Array.from(dataOf(cast(x, 'float64')))

const diagonalOf = (...elements: readonly number[]) =>
  ndarray(
    elements.flatMap((x, i) => elements.map((_, j) => (i === j ? x : 0))),
    [elements.length, elements.length],
    'float64'
  )

test('is the eigenvalue of largest magnitude, and its eigenvector', () => {
  const known = fc.tuple(symmetric, fc.constantFrom(1, -1), fc.constantFrom(1, 1e-300, 1e300))
  fc.assert(
    fc.property(known, ([a, sign, unit]) => {
      const n = a.rows
      const { vectors } = eigh(arrayOf(a))
      // The eigenvectors of any symmetric matrix, with eigenvalues of our own: 1, 1/4, 1/9, …
      const v = elements(vectors)
      const matrix = Float64Array.from({ length: n * n }, (_, k) => {
        const [i, j] = [Math.floor(k / n), k % n]
        return Array.from(
          { length: n },
          (_, l) => (v[i * n + l] as number) * (v[j * n + l] as number) * (sign / (l + 1) ** 2)
        ).reduce((total, x) => total + x, 0)
      })
      const scaled = ndarray(
        matrix.map((x) => x * unit),
        [n, n]
      )
      const { value, vector } = powerIteration(scaled, { errorTolerance: 1e-9 })
      expect(read(value) / unit / sign).toBeCloseTo(1, 9)
      const found = elements(vector)
      const turned = Math.sign((found[0] as number) * (v[0] as number)) || 1
      expect(
        distance(
          found.map((x) => Math.abs(x)),
          v.filter((_, k) => k % n === 0).map((x) => Math.abs(x * turned))
        )
      ).toBeLessThan(1e-7)
    })
  )
})

test('the largest of a function is that of its matrix, with the tree and the dtypes of v0', () => {
  const loss = ({ x, y }: { x: Operand; y: Operand }) => add(mul(3, sumSquares(x)), mul(0.5, mul(y, y)))
  const params = { x: new Float32Array([1, 2]), y: 5 }
  const v0 = { x: new Float32Array([1, 0.5]), y: 1 }
  const { value, vector } = powerIteration((v) => hvp(loss)(params, v), { v0 })
  expectTypeOf(value).toEqualTypeOf<number>()
  expectTypeOf(vector.y).toEqualTypeOf<number>()
  expect(value).toBeCloseTo(6, 5)
  expect(vector.x).toBeInstanceOf(Float32Array)
  expect(Math.hypot(vector.x[0] as number, vector.x[1] as number, vector.y)).toBeCloseTo(1, 6)
  expect(Math.abs(vector.y)).toBeLessThan(1e-5)
})

test('is blind to the length of v0 and scales with A', () => {
  const a = ndarray(new Float64Array([2, 1, 1, 3]), [2, 2])
  const found = [1, 2 ** 40, 2 ** -900].map((unit) => {
    const { value, vector } = powerIteration(a, { v0: new Float64Array([unit, unit / 2]), numIters: 3 })
    return [read(value), ...elements(vector)]
  })
  expect(found[1]).toStrictEqual(found[0])
  expect(found[2]).toStrictEqual(found[0])
  expect(read(powerIteration(mul(2 ** 50, a)).value)).toBe(2 ** 50 * read(powerIteration(a).value))
})

test('begins where the key says, and ends after numIters steps', () => {
  const a = diagonalOf(1, 0.9)
  const first = elements(powerIteration(a, { numIters: 1 }).vector)
  expect(first).not.toStrictEqual(elements(powerIteration(a, { numIters: 1, key: 1 }).vector))
  expect(first).toStrictEqual(elements(powerIteration(a, { numIters: 1, key: random.key(0) }).vector))
  const [x, y] = random.uniform(random.key(0), [2], { dtype: 'float64', minval: -1 }).data as unknown as [
    number,
    number
  ]
  // Two products with A before the vector is given.
  expect((first[1] as number) / (first[0] as number)).toBeCloseTo((0.81 * y) / x, 12)
})

test('ends when the error is small enough', () => {
  const a = diagonalOf(1, 0.5)
  const v0 = new Float64Array([1, 1])
  const [loose, tight] = [0.1, 1e-12].map((errorTolerance) => read(powerIteration(a, { v0, errorTolerance }).value))
  expect(Math.abs((loose as number) - 1)).toBeGreaterThan(1e-4)
  expect(Math.abs((tight as number) - 1)).toBeLessThan(1e-12)
})

test('a vector that is mapped to 0 has the eigenvalue 0', () => {
  const { value, vector } = powerIteration(diagonalOf(0, 0), { v0: new Float64Array([0, -4]) })
  expect([read(value), ...elements(vector)]).toStrictEqual([0, 0, -1])
  const nilpotent = powerIteration(ndarray(new Float64Array([0, 1, 0, 0]), [2, 2]), { v0: new Float64Array([1, 1]) })
  expect([read(nilpotent.value), ...elements(nilpotent.vector)]).toStrictEqual([0, 1, 0])
})

test('a stack has a value and a vector for each matrix, in the dtype of A', () => {
  const stack = ndarray(new Float32Array([3, 0, 0, 1, 1, 0, 0, -5]), [2, 2, 2])
  const found = powerIteration(stack)
  const { value, vector } = force({ value: found.value, vector: found.vector }) as {
    readonly value: ReturnType<typeof ndarray>
    readonly vector: ReturnType<typeof ndarray>
  }
  expect([value.dtype, value.shape, vector.dtype, vector.shape]).toStrictEqual(['float32', [2], 'float32', [2, 2]])
  expect(distance(value.data, [3, -5])).toBeLessThan(1e-5)
  expect(distance(vector.data.map(Math.abs), [1, 0, 0, 1])).toBeLessThan(1e-5)
  expect(elements(reshape(vector, [4]))).toStrictEqual(
    Float64Array.from(
      [0, 1].flatMap((i) => [...elements(powerIteration(ndarray(stack.data.slice(4 * i, 4 * i + 4), [2, 2])).vector)])
    )
  )
})

test('NaN and infinity, and a v0 of zeros, make all of it NaN', () => {
  for (const a of [diagonalOf(1, NaN), diagonalOf(1, Infinity)]) {
    const { value, vector } = powerIteration(a)
    expect([read(value), ...elements(vector)]).toStrictEqual([NaN, NaN, NaN])
  }
  const { value, vector } = powerIteration(diagonalOf(1, 2), { v0: new Float64Array(2) })
  expect([read(value), ...elements(vector)]).toStrictEqual([NaN, NaN, NaN])
  expect(read(powerIteration(ndarray(new Float64Array(0), [0, 0])).value)).toBe(0)
})

test('refuses what does not fit', () => {
  const a = diagonalOf(1, 2)
  expect(() => powerIteration(ndarray(new Float64Array(6), [2, 3]))).toThrow(
    'powerIteration: x must be a square matrix'
  )
  expect(() => powerIteration(a, { v0: new Float64Array(3) })).toThrow(
    'powerIteration: v0 must have shape [2], got shape [3]'
  )
  // @ts-expect-error -- a function needs a vector to begin with
  expect(() => powerIteration((v) => v, {})).toThrow('powerIteration: v0 must be given for a function, got undefined')
  expect(() => powerIteration(a, { numIters: 0 })).toThrow('powerIteration: numIters must be a whole number ≥ 1, got 0')
  expect(() => powerIteration(a, { errorTolerance: -1 })).toThrow('powerIteration: errorTolerance must be')
  expect(() => powerIteration(a, { key: 0.5 })).toThrow('powerIteration: key must be')
})

test('does with a function what it does with the matrix', () => {
  const a = ndarray(new Float64Array([2, 1, 1, 3]), [2, 2])
  const v0 = ndarray(new Float64Array([1, -1]), [2, 1])
  const { value } = powerIteration((v) => force(matmul(a, v)) as typeof v0, { v0 })
  expect(value).toBeCloseTo(read(powerIteration(a, { v0: new Float64Array([1, -1]) }).value), 12)
})

test('the vector of a graded matrix has length 1', () => {
  fc.assert(
    fc.property(symmetric, (a) => {
      const unit = sizeOf(a.data)
      const { value, vector } = powerIteration(arrayOf({ ...a, data: a.data.map((x) => x / unit) }))
      const found = elements(vector)
      expect(Math.sqrt(found.reduce((total, x) => total + x * x, 0))).toBeCloseTo(1, 12)
      expect(Number.isFinite(read(value))).toBe(true)
    })
  )
})
