// Where naive rules are wrong: at kinks and poles, in branches not taken, along axes, between dtypes.
import { describe, expect, test } from 'vitest'
import { ndarray } from '../../array/ndarray.js'
import { checkGradients } from '../../derivatives/checkGradients.js'
import { grad } from '../../derivatives/grad.js'
import { hvp } from '../../derivatives/hvp.js'
import { flat } from '../../derivatives/testing.js'
import { withEngine } from '../../engine/evaluate.js'
import { reference } from '../../engine/reference.js'
import { createWasmEngine } from '../../engine/wasm/engine.js'
import { diagonal } from '../../matrix/diagonal.js'
import { diagonalMatrix } from '../../matrix/diagonalMatrix.js'
import { einsum } from '../../matrix/einsum.js'
import { matmul } from '../../matrix/matmul.js'
import { outer } from '../../matrix/outer.js'
import type { Operand } from '../expr.js'
import * as o from '../operations.js'

type Loss = (x: Operand) => o.Value

const f64 = (...numbers: number[]): Float64Array => Float64Array.from(numbers)
const slopes = (f: Loss, ...at: number[]): readonly number[] => flat(grad(f)(f64(...at)))
const summed =
  (f: (x: Operand) => o.Value): Loss =>
  (x) =>
    o.sum(f(x))

const expectSame = (actual: readonly number[], expected: readonly number[]): void => {
  // The two zeros are one slope, and some quotients are rounded once more than they are here.
  const [a, b] = [actual, expected].map((numbers) => numbers.map((x) => Number(x.toPrecision(14)) + 0))
  expect(a?.length).toBe(b?.length)
  expect(
    a?.every((x, i) => Object.is(x, b?.[i])),
    `${actual} is not ${expected}`
  ).toBe(true)
}

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

test('|x| has no second derivative, and 0 stands for it', () => {
  expectSame(flat(hvp((x: Operand) => o.sum(o.abs(x)))(f64(-1, 0, 2), f64(1, 1, 1))), [0, 0, 0])
})

describe('at points without a derivative', () => {
  test.each<readonly [string, Loss, readonly number[], readonly number[]]>([
    ['|x| has 0 at 0', summed(o.abs), [-2, 0, 3], [-1, 0, 1]],
    ['the root has ∞ at 0', summed(o.sqrt), [0, 4], [inf, 0.25]],
    ['the norm has 0 at 0', o.norm, [0, 0, 0], [0, 0, 0]],
    ['the norm has x / ‖x‖ elsewhere, also where an element is 0', o.norm, [0, 3, -4], [0, 0.6, -0.8]],
    ['√(x x) is a norm', summed((x) => o.sqrt(o.mul(x, x))), [0, -3], [0, -1]],
    ['√ of x² along an axis is a norm', (x) => o.sum(o.sqrt(o.sum(o.square(x), [0]))), [0, 0], [0, 0]],
    ['√ of the mean of squares is a norm', (x) => o.sqrt(o.mean(o.square(x))), [0, 0], [0, 0]],
    ['√ of x · x is a norm', (x) => o.sqrt(o.dot(x, x)), [0, 0], [0, 0]],
    ['√ of two sums of squares is a norm', (x) => o.sqrt(o.add(o.sumSquares(x), o.sumSquares(o.mul(2, x)))), [0], [0]],
    ['(x²)^0.5 is a norm', summed((x) => o.pow(o.square(x), 0.5)), [0, -2], [0, -1]],
    ['1 / √(x² + ε) is smooth', summed((x) => o.rsqrt(o.add(o.square(x), 1))), [0], [0]],
    ['of two that tie in max each has half', summed((x) => o.max(x, 1)), [0, 1, 2], [0, 0.5, 1]],
    ['of two that tie in min each has half', summed((x) => o.min(1, x)), [0, 1, 2], [1, 0.5, 0]],
    ['x with itself has all', summed((x) => o.max(x, x)), [3], [1]],
    ['of several that tie in maxOf each has its share', o.maxOf, [2, 5, 5, 1, 5], [0, 1 / 3, 1 / 3, 0, 1 / 3]],
    ['of several that tie in minOf each has its share', o.minOf, [1, 5, 1], [0.5, 0, 0.5]],
    ['floor has 0', summed(o.floor), [1, 1.5], [0, 0]],
    ['comparisons have 0', summed((x) => o.mul(o.less(x, 1), x)), [0.5, 1.5], [1, 0]],
    ['sign has 0', summed(o.sign), [-1, 0, 1], [0, 0, 0]],
    ['log has ∞ at 0', summed(o.log), [0, 2], [inf, 0.5]],
    ['log1p is exact near 0', summed(o.log1p), [1e-20, 1], [1, 0.5]],
    ['tanh is flat far out, and no NaN', summed(o.tanh), [0, 400, -400], [1, 0, 0]],
    ['exp overflows with its value', summed(o.exp), [0, 1000], [1, inf]],
    ['erf', summed(o.erf), [0, 30], [2 / Math.sqrt(Math.PI), 0]],
    ['an angle by its sine', summed((y) => o.atan2(y, -3)), [4, 0, 1e-200], [-0.12, -1 / 3, -1 / 3]],
    ['an angle by its cosine', summed((x) => o.atan2(-4, x)), [3, 0], [0.16, 0.25]],
    ['an angle by both', summed((x) => o.atan2(o.mul(2, x), x)), [3, -1e-3], [0, 0]],
    ['an angle has 0 at the origin', summed((x) => o.atan2(x, o.mul(2, x))), [0], [0]],
    ['an angle far out has no squares', summed((y) => o.atan2(y, 1e200)), [1e200, 1e-300], [5e-201, 1e-200]]
  ])('%s', (_name, f, at, expected) => {
    expectSame(slopes(f, ...at), expected)
  })
})

describe('pow', () => {
  test.each<readonly [number, readonly number[], readonly number[]]>([
    [0, [0, 2, -2], [0, 0, 0]],
    [1, [0, -2], [1, 1]],
    [2, [0, -2], [0, -4]],
    [3, [0, -2], [0, 12]],
    [5, [0, -1], [0, 5]],
    [-1, [0, 2, -2], [-inf, -0.25, -0.25]],
    [-2, [2, -2], [-0.25, 0.25]],
    [65, [0, -1, 1], [0, 65, 65]],
    [1.5, [0, 4], [0, 3]],
    [0.5, [0, 4], [inf, 0.25]],
    [-0.5, [4], [-1 / 16]],
    [2.5, [-1, 0], [nan, 0]]
  ])('of the power %d', (n, at, expected) => {
    expectSame(
      slopes(
        summed((x) => o.pow(x, n)),
        ...at
      ),
      expected
    )
  })

  test('by the exponent: log x times the power, and 0 where x is 0', () => {
    expectSame(
      slopes(
        summed((n) => o.pow(f64(1, Math.E, 0, 0), n)),
        3,
        2,
        2,
        0
      ),
      [0, Math.E ** 2, 0, 0]
    )
  })

  test('by the base with a lazy exponent of 0: 0, at 0 too', () => {
    const f: Loss = (n) => o.sum(o.pow(n, o.mul(n, 0)))
    expectSame(slopes(f, 0, 2), [0, 0])
  })

  test('by an exponent that passes 0: its second derivative is that of the power', () => {
    const f: Loss = (n) => o.sum(o.pow(2, n))
    expectSame(flat(hvp(f)(f64(0), f64(1))), [Math.log(2) ** 2])
  })

  test('by a lazy scalar as the exponent of an array', () => {
    const g = grad((n: Operand) => o.sum(o.pow(f64(1, 2, 4), n)))(2)
    expect(g).toBeCloseTo(4 * Math.log(2) + 16 * Math.log(4), 12)
  })
})

describe('a branch that was not taken contributes exactly 0', () => {
  const positive = (x: Operand) => o.greater(x, 0)
  test.each<readonly [string, Loss, readonly number[], readonly number[]]>([
    ['x log x', summed((x) => o.where(positive(x), o.mul(x, o.log(x)), 0)), [0, 1, -1], [0, 1, 0]],
    ['√x of what is below 0', summed((x) => o.where(positive(x), o.sqrt(x), 0)), [-1, 0, 4], [0, 0, 0.25]],
    ['the branch is the second', summed((x) => o.where(o.lessEqual(x, 0), x, o.log(x))), [0, -1, 2], [1, 1, 0.5]],
    [
      'through several operations',
      summed((x) => o.where(positive(x), o.exp(o.sin(o.div(1, o.sqrt(x)))), x)),
      [0, -1],
      [1, 1]
    ],
    ['1 / x', summed((x) => o.where(o.equal(x, 0), 0, o.div(1, x))), [0, 2], [0, -0.25]],
    ['NaN that is only in the branch', summed((x) => o.where(positive(x), x, o.mul(x, nan))), [1, 2], [1, 1]],
    ['min with 1/x at 0', summed((x) => o.min(1, o.div(1, o.abs(x)))), [0, 2], [0, -0.25]],
    ['max with log', summed((x) => o.max(-1, o.log(x))), [0, 1], [0, 1]],
    ['clipping by a norm of 0', (x) => o.sum(o.mul(x, o.min(1, o.div(1, o.norm(x))))), [0, 0], [1, 1]],
    ['a scalar condition', (x) => o.where(o.less(o.sum(x), 1), o.sum(x), o.sum(o.log(x))), [0, 0], [1, 1]],
    [
      'below a sum along an axis',
      (x) => o.sum(o.where(positive(o.sum(x, [0])), o.sum(o.log(x), [0]), 0)),
      [0, 0],
      [0, 0]
    ],
    [
      'where branches meet again',
      summed((x) => {
        const l = o.log(x)
        return o.add(o.where(positive(x), l, 0), o.where(o.greater(x, 1), o.mul(l, l), 0))
      }),
      [0, 1, Math.E],
      [0, 1, 3 / Math.E]
    ],
    [
      'nested',
      summed((x) => o.where(positive(x), o.where(o.greater(x, 1), o.log(o.sub(x, 1)), 1), o.sqrt(x))),
      [-1, 0.5, 3],
      [nan, 0, 0.5]
    ],
    ['through a broadcast', (x) => o.sum(o.where(f64(0, 0), o.broadcast(o.log(x), [2]), 1)), [0], [0]],
    ['through a fill', (x) => o.sum(o.where(f64(0, 0), o.fullLike(f64(0, 0), o.log(o.sum(x))), 1)), [0], [0]],
    ['a scalar that meets the branch', (x) => o.sum(o.where(f64(0, 0), o.mul(f64(1, 2), o.log(o.sum(x))), 1)), [0], [0]]
  ])('%s', (_name, f, at, expected) => {
    expectSame(slopes(f, ...at), expected)
  })

  test('in second derivatives too, and these are right where a cotangent happens to be 0', () => {
    // f = (x² − 1)² on the branch taken; f″ = 12x² − 4 is 8 at 1, where f′ is 0.
    const f: Loss = summed((x) => o.where(o.greater(x, -1), o.square(o.sub(o.square(x), 1)), o.log(x)))
    expectSame(flat(hvp(f)(f64(1, 2, -3), f64(1, 1, 1))), [8, 44, -1 / 9])
    const g: Loss = summed((x) => o.where(positive(x), o.mul(o.square(x), o.log(x)), 0))
    expectSame(flat(hvp(g)(f64(0, 1, -1), f64(1, 1, 1))), [0, 3, 0])
  })

  test('the Hessian of a norm where one element is 0', () => {
    expectSame(flat(hvp((x: Operand) => o.norm(x))(f64(0, 2), f64(1, 1))), [0.5, 0])
  })
})

describe('along axes', () => {
  const matrix = (...numbers: number[]) => ndarray(f64(...numbers), [2, 3])
  const of = (f: Loss, x: ReturnType<typeof matrix>) => flat(grad(f)(x))
  const weights = ndarray(f64(1, 10), [2, 1])
  test.each<readonly [string, Loss, readonly number[]]>([
    ['sum', (x) => o.dot(o.sum(x, [1]), weights), [1, 1, 1, 10, 10, 10]],
    ['mean', (x) => o.dot(o.mean(x, [1]), o.mul(3, weights)), [1, 1, 1, 10, 10, 10]],
    ['largest, with ties', (x) => o.dot(o.maxOf(x, [1]), weights), [0.5, 0, 0.5, 0, 0, 10]],
    ['smallest, with ties', (x) => o.dot(o.minOf(x, [1]), weights), [0, 1, 0, 5, 5, 0]],
    ['over both', (x) => o.sum(o.maxOf(x, [0, 1])), [1 / 3, 0, 1 / 3, 0, 0, 1 / 3]],
    ['over none', (x) => o.sum(o.square(o.sum(x, []))), [6, 4, 6, 2, 2, 6]]
  ])('%s', (_name, f, expected) => {
    expectSame(of(f, matrix(3, 2, 3, 1, 1, 3)), expected)
  })

  test('what was broadcast is summed up', () => {
    const row = ndarray(f64(1, 2, 3), [1, 3])
    const x = matrix(1, 2, 3, 4, 5, 6)
    expect(grad((r: Operand) => o.dot(o.broadcast(r, [2, 3]), x))(row)).toStrictEqual(ndarray(f64(5, 7, 9), [1, 3]))
    expect(grad((r: Operand) => o.sum(o.broadcast(r, [2, 3])))(row)).toStrictEqual(ndarray(f64(2, 2, 2), [1, 3]))
    expect(grad((r: Operand) => o.sum(o.broadcast(r, [1, 3])))(row)).toStrictEqual(ndarray(f64(1, 1, 1), [1, 3]))
    expect(grad((r: Operand) => o.sum(o.broadcast(r, [0, 3])))(row)).toStrictEqual(ndarray(f64(0, 0, 0), [1, 3]))
  })

  test('a number that met an array is summed up, once for each element', () => {
    const x = f64(1, 2, 3)
    expect(grad((s: Operand) => o.sum(o.add(x, s)))(5)).toBe(3)
    expect(grad((s: Operand) => o.sum(o.mul(x, s)))(5)).toBe(6)
    expect(grad((s: Operand) => o.sum(o.fullLike(x, o.lift(s))))(5)).toBe(3)
    expect(grad((s: Operand) => o.dot(o.fullLike(x, o.lift(s)), x))(5)).toBe(6)
    expect(grad((s: Operand) => o.sum(o.where(f64(1, 0, 1), s, x)))(5)).toBe(2)
    expect(grad((s: Operand) => o.mul(s, s))(5)).toBe(10)
  })

  test('arrays without elements', () => {
    expect(grad((x: Operand) => o.add(o.sumSquares(x), o.sum(o.sqrt(x))))(f64())).toEqual(f64())
  })
})

describe.each([reference, createWasmEngine()].map((engine) => [engine.name, engine] as const))(
  'dtypes, on %s',
  (_name, engine) => {
    const on = <T>(run: () => T): T => withEngine(engine, run)

    test('a cast has 1, and the gradient is in the dtype of the params', () => {
      const f = (x: Operand) => o.sumSquares(o.cast(o.cast(x, 'bfloat16'), 'float64'))
      expect(on(() => grad(f)(Float32Array.of(1, 1.0001)))).toStrictEqual(Float32Array.of(2, 2))
    })

    test.each(['bfloat16', 'float16'] as const)('params in %s: the gradient is rounded once', (dtype) => {
      const x = ndarray([1, 3], [2], dtype)
      const f = (a: Operand) => o.add(o.sum(o.mul(a, 1 / 3)), o.sumSquares(a))
      const expected = ndarray([Math.fround(Math.fround(1 / 3) + 2), Math.fround(Math.fround(1 / 3) + 6)], [2], dtype)
      expect(on(() => grad(f)(x))).toEqual(expected)
      expect(on(() => grad((a: Operand) => o.sum(a))(x))).toStrictEqual(ndarray([1, 1], [2], dtype))
      expect(on(() => grad((a: Operand) => o.maxOf(a))(x))).toStrictEqual(ndarray([0, 1], [2], dtype))
    })

    test('float32 with float64 is float64 in between, float32 at the end', () => {
      const g = on(() => grad((x: Operand) => o.dot(x, f64(1 / 3, 2)))(Float32Array.of(1, 1)))
      expect(g).toStrictEqual(Float32Array.of(1 / 3, 2))
    })
  }
)

describe('products of matrices', () => {
  const array = (seed: number, shape: readonly number[]) =>
    ndarray(
      Float64Array.from({ length: shape.reduce((n, length) => n * length, 1) }, (_, i) => Math.sin(seed + 3 * i)),
      shape
    )
  type Pair = { readonly a: Operand; readonly b: Operand }
  const shapes = (front: readonly number[], transposed: boolean, rows: number, columns: number) =>
    transposed ? [...front, columns, rows] : [...front, rows, columns]
  const flags = [false, true]
  const fronts = [
    [[], []],
    [[2], [2]],
    [[2, 2], []],
    [[], [3]]
  ] as const

  test.each(
    flags.flatMap((transposeA) =>
      flags.flatMap((transposeB) => fronts.map((f) => [transposeA, transposeB, f] as const))
    )
  )('transposed %s and %s, batches of %j', (transposeA, transposeB, [frontA, frontB]) => {
    const params = { a: array(1, shapes(frontA, transposeA, 2, 3)), b: array(2, shapes(frontB, transposeB, 3, 4)) }
    const f = ({ a, b }: Pair) => o.sum(o.sin(matmul(a, b, { transposeA, transposeB })))
    withEngine(reference, () => {
      expect(checkGradients(f, params, { rtol: 1e-7 })).toMatchObject({ agrees: true, mismatches: [] })
      const slope = (p: Pair) => {
        const g = grad(f)(p)
        return o.add(o.dot(g.a, params.a), o.dot(g.b, params.b))
      }
      expect(checkGradients(slope, params, { rtol: 1e-6 })).toMatchObject({ agrees: true, mismatches: [] })
    })
  })

  test('of one number for all: below a sum', () => {
    const params = { a: array(1, [2, 3]), b: array(2, [3, 4]) }
    const f = ({ a, b }: Pair) => o.sum(matmul(a, b))
    expect(checkGradients(f, params).agrees).toBe(true)
  })

  test('what goes with them', () => {
    const params = { a: array(1, [3, 3]), b: array(2, [3]) }
    const f = ({ a, b }: Pair) =>
      o.add(
        o.sum(o.sin(matmul(outer(b, diagonal(a)), diagonalMatrix(b)))),
        o.sum(o.sin(einsum('ij,jk->ki', a, o.transpose(a))))
      )
    expect(checkGradients(f, params)).toMatchObject({ agrees: true, mismatches: [] })
  })

  test('rows that do not count contribute exactly 0', () => {
    const x = ndarray(f64(0, 0, 1, 2), [2, 2])
    const taken = ndarray(f64(0, -1), [2, 1])
    const f = (a: Operand) => {
      const y = matmul(o.log(a), ndarray(f64(1, 2), [2, 1]))
      return o.sum(o.where(taken, y, 0))
    }
    expectSame(flat(grad(f)(x)), [0, 0, 1, 1])
    const transposed = (a: Operand) => {
      const y = matmul(ndarray(f64(1, 2), [2, 1]), o.log(o.transpose(a)), { transposeA: true })
      return o.sum(o.where(o.transpose(taken), y, 0))
    }
    expectSame(flat(grad(transposed)(x)), [0, 0, 1, 1])
  })

  test('of float32 below float64', () => {
    const [a, b] = [ndarray([1, 2, 3, 4], [2, 2]), ndarray([1, 0, 2, 1], [2, 2])]
    const weights = ndarray(f64(1, 10, 100, 1000), [2, 2])
    const g = grad((p: Pair) => o.sum(o.mul(matmul(p.a, p.b), weights)))({ a, b })
    expect(g).toStrictEqual({ a: ndarray([1, 12, 100, 1200], [2, 2]), b: ndarray([301, 3010, 402, 4020], [2, 2]) })
  })

  test('a condition below 0 is true, also where it is gathered', () => {
    const f = (s: Operand) => o.sum(o.where(f64(-1, 0), o.mul(f64(1, 2), o.sqrt(s)), 0))
    expect(grad(f)(4)).toBe(0.25)
  })
})
