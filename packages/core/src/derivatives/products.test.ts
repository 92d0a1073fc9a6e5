// `vjp`, `jvp` and `hvp` against the Jacobian and the Hessian written out.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidTree } from '../errors.js'
import type { Operand } from '../expression/expr.js'
import { add, broadcast, lift, log, mul, pow, sqrt, sum, sumSquares, type Value } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import { hvp } from './hvp.js'
import { jvp } from './jvp.js'
import { vjp } from './vjp.js'

const dyadic = fc.integer({ min: -64, max: 64 }).map((n) => n / 8)
const vector = fc.array(dyadic, { minLength: 3, maxLength: 3 })

// y = A x, as sums along an axis: the Jacobian is A.
const A = [
  [1, 2, -3],
  [0.5, 0, 4]
]
const matrix = ndarray(Float64Array.from(A.flat()), [2, 3])
const linear = (x: Operand) => ({ y: sum(mul(matrix, broadcast(x, [2, 3])), [1]), first: [sum(x)] as const })
const row = (x: readonly number[]) => ndarray(Float64Array.from(x), [1, 3])
const times = (x: readonly number[]) => A.map((a) => a.reduce((t, v, i) => t + v * (x[i] as number), 0))

test('vjp multiplies by the Jacobian from the left, jvp from the right: exact on dyadic numbers', () => {
  fc.assert(
    fc.property(vector, vector, fc.tuple(dyadic, dyadic, dyadic), (x, t, [c, d, e]) => {
      const total = x.reduce((a, b) => a + b, 0)
      const [y, tangents] = jvp(linear)(row(x), row(t))
      expect(y).toStrictEqual({ y: ndarray(times(x), [2, 1], 'float64'), first: [total] })
      expect(tangents).toStrictEqual({ y: ndarray(times(t), [2, 1], 'float64'), first: [t.reduce((a, b) => a + b, 0)] })
      const [again, product] = vjp(linear)(row(x), { y: ndarray(Float64Array.of(c, d), [2, 1]), first: [e] })
      expect(again).toEqual(y)
      const expected = [0, 1, 2].map((i) => c * (A[0]?.[i] ?? 0) + d * (A[1]?.[i] ?? 0) + e)
      expect([...product.data]).toEqual(expected)
    })
  )
})

test('hvp of ½ xᵀ S x is S v, exact on dyadic numbers', () => {
  // S = AᵀA
  const f = (x: Operand) => mul(0.5, sumSquares(linear(x).y))
  fc.assert(
    fc.property(vector, vector, (x, v) => {
      const image = times(v)
      const expected = [0, 1, 2].map((i) => A.reduce((t, a, k) => t + (a[i] as number) * (image[k] as number), 0))
      expect(hvp(f)(row(x), row(v)).data).toEqual(Float64Array.from(expected, (e) => e + 0))
    })
  )
})

test('float32 results have float32 tangents, numbers have numbers, constants have 0', () => {
  const f = ({ x, s }: { x: Operand; s: Operand }) => ({ y: mul(x, s), z: pow(s, 2), c: 7 })
  const at = { x: Float32Array.of(1, 2), s: 3 }
  expect(jvp(f)(at, { x: Float32Array.of(1, 0), s: 10 })).toStrictEqual([
    { y: Float32Array.of(3, 6), z: 9, c: 7 },
    { y: Float32Array.of(13, 20), z: 60, c: 0 }
  ])
  expect(vjp(f)(at, { y: Float32Array.of(1, 1), z: 1, c: 5 })).toStrictEqual([
    { y: Float32Array.of(3, 6), z: 9, c: 7 },
    { x: Float32Array.of(3, 3), s: 9 }
  ])
})

test('a pole stays a pole along a tangent', () => {
  expect(jvp((x: Operand) => sqrt(x))(Float64Array.of(0, 4), Float64Array.of(1, 1))[1]).toStrictEqual(
    Float64Array.of(Infinity, 0.25)
  )
})

test('expressions in, expressions out', () => {
  const f = ({ x }: { x: Operand }): Value => sum(log(x))
  const at = { x: lift(Float64Array.of(1, 2)) }
  const along = { x: lift(Float64Array.of(1, 1)) }
  expect(force(hvp(f)(at, along))).toStrictEqual({ x: Float64Array.of(-1, -0.25) })
  expect(force(jvp(f)(at, along)[1])).toBe(1.5)
  expect(force(vjp(f)(at, add(1, 1))[1])).toStrictEqual({ x: Float64Array.of(2, 1) })
})

/** A function without its types, to be misused. */
const loose = (f: unknown) => f as (f: unknown) => (...given: unknown[]) => unknown

describe('misuse is refused', () => {
  const f = ({ x }: { x: Operand }) => sumSquares(x)
  const at = { x: Float32Array.of(1, 2) }
  test.each<readonly [string, () => unknown, string]>([
    ['v of another shape', () => hvp(f)(at, { x: Float32Array.of(1) }), 'hvp: v.x has shape [1], params has [2]'],
    [
      'v of another dtype',
      () => hvp(f)(at, { x: Float64Array.of(1, 2) } as never),
      'hvp: v.x has dtype float64, params has dtype float32'
    ],
    ['a tangent of another structure', () => jvp(f)(at, { y: 1 } as never), 'jvp: tangent has no "x", params has it'],
    [
      'a cotangent of another structure',
      () => vjp(f)(at, { x: 1 } as never),
      'vjp: cotangent is an object, results has a number'
    ]
  ])('%s', (_name, use, message) => {
    expect(use).toThrow(new InvalidTree(message))
  })

  test.each<readonly [string, () => unknown]>([
    ['vjp', () => loose(vjp)(3)],
    ['jvp', () => loose(jvp)(3)],
    ['hvp', () => loose(hvp)(3)]
  ])('%s of no function', (name, use) => {
    expect(use).toThrow(`${name}: f must be a function, got 3`)
  })
})
