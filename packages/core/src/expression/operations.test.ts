import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differenceOf, SPECIAL } from '../../../laws/src/engine/graph.js'
import { type NdArray, ndarray } from '../array/ndarray.js'
import { read, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { InvalidOption, InvalidTree, LazyValue } from '../errors.js'
import { force } from '../transformation/force.js'
import { Expr, type Operand } from './expr.js'
import * as ops from './operations.js'

const { fround } = Math
const value = fc.oneof(fc.constantFrom(...SPECIAL), fc.double())

// What each operation means for one number, written once more; float32 rounds it once.
const unary: Readonly<Record<string, readonly [(x: Operand) => ops.Value, (x: number) => number]>> = {
  neg: [ops.neg, (x) => -x],
  abs: [ops.abs, Math.abs],
  sqrt: [ops.sqrt, Math.sqrt],
  floor: [ops.floor, Math.floor],
  exp: [ops.exp, Math.exp],
  log: [ops.log, Math.log],
  log1p: [ops.log1p, Math.log1p],
  tanh: [ops.tanh, Math.tanh],
  sin: [ops.sin, Math.sin],
  cos: [ops.cos, Math.cos],
  square: [ops.square, (x) => x * x],
  sign: [ops.sign, Math.sign],
  isFinite: [ops.isFinite, (x) => (Number.isFinite(x) ? 1 : 0)]
}
const binary: Readonly<
  Record<string, readonly [(a: Operand, b: Operand) => ops.Value, (a: number, b: number) => number]>
> = {
  add: [ops.add, (a, b) => a + b],
  sub: [ops.sub, (a, b) => a - b],
  mul: [ops.mul, (a, b) => a * b],
  div: [ops.div, (a, b) => a / b],
  min: [ops.min, (a, b) => Math.min(a, b)],
  max: [ops.max, (a, b) => Math.max(a, b)],
  less: [ops.less, (a, b) => Number(a < b)],
  lessEqual: [ops.lessEqual, (a, b) => Number(a <= b)],
  greater: [ops.greater, (a, b) => Number(a > b)],
  greaterEqual: [ops.greaterEqual, (a, b) => Number(a >= b)],
  equal: [ops.equal, (a, b) => Number(a === b)],
  notEqual: [ops.notEqual, (a, b) => Number(a !== b)],
  atan2: [ops.atan2, Math.atan2]
}

const same = (actual: unknown, expected: ArrayLike<number>): void => {
  expect(differenceOf(Array.from(actual as Float32Array), Array.from(expected))).toBe(-1)
}

describe('elementwise operations mean what they say', () => {
  test.each(Object.entries(unary))('%s', (_name, [op, rule]) => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 9 }), (xs) => {
        const [narrow, wide] = [Float32Array.from(xs), Float64Array.from(xs)]
        withEngine(reference, () => {
          same(force(op(narrow)), narrow.map(rule))
          same(force(op(wide)), wide.map(rule))
          same(
            xs.map((x) => op(x) as number),
            xs.map(rule)
          )
        })
      })
    )
  })

  test.each(Object.entries(binary))('%s', (_name, [op, rule]) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 9 }), value, (pairs, n) => {
        const [a, b] = [0, 1].map((i) => Float64Array.from(pairs, (pair) => pair[i] as number)) as [
          Float64Array,
          Float64Array
        ]
        const [f, g] = [Float32Array.from(a), Float32Array.from(b)]
        withEngine(reference, () => {
          same(
            force(op(a, b)),
            a.map((x, i) => rule(x, b[i] as number))
          )
          same(
            force(op(f, g)),
            f.map((x, i) => rule(x, g[i] as number))
          )
          // float32 with float64 is float64; a number is rounded to float32 where it meets one.
          same(
            force(op(f, b)),
            Float64Array.from(f, (x, i) => rule(x, b[i] as number))
          )
          same(
            force(op(f, n)),
            f.map((x) => rule(x, fround(n)))
          )
          same(
            force(op(n, f)),
            f.map((x) => rule(fround(n), x))
          )
          same(
            force(op(n, a)),
            a.map((x) => rule(n, x))
          )
          expect(op(n, -n)).toBe(rule(n, -n))
        })
      })
    )
  })

  test('rsqrt is two operations', () => {
    same(force(ops.rsqrt(Float32Array.of(3))), Float32Array.of(1 / fround(Math.sqrt(3))))
  })

  test('erf is odd and rounded once', () => {
    expect(force(ops.erf(Float32Array.of(0.5, -0.5)))).toStrictEqual(
      Float32Array.of(0.5204998778130465, -0.5204998778130465)
    )
  })
})

describe('pow', () => {
  test.each([0, 1, 2, 3, 5, 10, 31, 64, -1, -2, -7, -64])('of a whole number %i is exact where products are', (n) => {
    const xs = [1, -1, 2, -2, 0.5, -0.5]
    expect(force(ops.pow(Float64Array.from(xs), n))).toEqual(Float64Array.from(xs, (x) => x ** n))
  })

  test('of a whole number is a product of squares, the same for arrays and numbers', () => {
    const x = 1.1
    const squared = x * x
    const fourth = squared * squared
    expect(ops.pow(x, 5)).toBe(fourth * x)
    expect(force(ops.pow(Float64Array.of(x), 5))).toEqual(Float64Array.of(fourth * x))
    expect(ops.pow(x, -5)).toBe(1 / (fourth * x))
    expect(ops.pow(x, 3)).toBe(squared * x)
  })

  test('of anything else is the power function', () => {
    for (const n of [0.5, -1.5, 65, -65, 100.25, Number.NaN, Infinity]) {
      expect(ops.pow(1.5, n)).toBe(1.5 ** n)
      expect(force(ops.pow(Float64Array.of(1.5, 0), n))).toStrictEqual(Float64Array.of(1.5 ** n, 0 ** n))
    }
  })

  test('of an array or a lazy scalar is the power function too', () => {
    const [x, n] = [Float64Array.of(1.5, 2, -8, 0), Float64Array.of(0.5, -3, 3, 0)]
    expect(force(ops.pow(x, n))).toEqual(x.map((base, i) => base ** (n[i] as number)))
    expect(force(ops.pow(2, n))).toEqual(n.map((exponent) => 2 ** exponent))
    expect(force(ops.pow(x, ops.sum(Float64Array.of(2, 1))))).toEqual(x.map((base) => base ** 3))
    expect(read(ops.pow(2, ops.sum(Float64Array.of(2, 1))))).toBe(8)
  })

  test('0 gives ones, also of NaN', () => {
    expect(force(ops.pow(Float32Array.of(Number.NaN, 0, 2), 0))).toStrictEqual(Float32Array.of(1, 1, 1))
    expect([ops.pow(Number.NaN, 0), read(ops.pow(ops.sum(Float32Array.of(5)), 0))]).toStrictEqual([1, 1])
  })
})

describe('where', () => {
  test('takes what the condition says, and what it does not take does not matter', () => {
    const c = Float32Array.of(0, -0, 1, -2, Number.NaN, 1e-45)
    expect(force(ops.where(c, 1, Number.NaN))).toStrictEqual(Float32Array.of(Number.NaN, Number.NaN, 1, 1, 1, 1))
    expect(force(ops.where(true, Float32Array.of(1), Float32Array.of(2)))).toStrictEqual(Float32Array.of(1))
    expect(ops.where(false, 1, 2)).toBe(2)
    expect(ops.where(Number.NaN, 1, 2)).toBe(1)
  })

  test('a condition that would vanish in the dtype of the result counts all the same', () => {
    const [x, y] = [Float32Array.of(1), Float32Array.of(2)]
    for (const tiny of [1e-60, -1e-300, Number.MIN_VALUE]) {
      expect(force(ops.where(Float64Array.of(tiny), x, y))).toEqual(x)
      expect(force(ops.where(tiny, x, y))).toEqual(x)
      expect(force(ops.where(ops.sum(Float64Array.of(tiny)), x, y))).toEqual(x)
    }
    expect(force(ops.where(ops.sum(Float64Array.of(0)), x, y))).toEqual(y)
  })

  test('has the dtype of the wider branch; the condition does not count, unless the branches are numbers', () => {
    const wide = Float64Array.of(1, 0)
    expect(force(ops.where(wide, Float32Array.of(1, 2), Float32Array.of(3, 4)))).toStrictEqual(Float32Array.of(1, 4))
    expect(force(ops.where(wide, Float32Array.of(1, 2), wide))).toStrictEqual(Float64Array.of(1, 0))
    expect(force(ops.where(wide, 0.1, 0.2))).toStrictEqual(Float64Array.of(0.1, 0.2))
    expect(force(ops.where(Float32Array.of(1, 0), 0.1, 0.2))).toStrictEqual(Float32Array.of(0.1, 0.2))
  })

  test('of lazy scalars is lazy', () => {
    const total = ops.sum(Float32Array.of(1, 2))
    expect(read(ops.where(ops.less(total, 4), total, 0))).toBe(3)
    expect(read(ops.where(ops.greater(total, 4), total, -1))).toBe(-1)
  })
})

describe('dtypes and shapes of results', () => {
  const kinds: Readonly<Record<string, Operand>> = {
    number: 1,
    float32: Float32Array.of(1),
    float64: Float64Array.of(1),
    bfloat16: ndarray([1], [1], 'bfloat16'),
    float16: ndarray([1], [1], 'float16')
  }
  test.each([
    ['float32', 'float32', 'float32'],
    ['float32', 'float64', 'float64'],
    ['float64', 'number', 'float64'],
    ['number', 'float32', 'float32'],
    ['bfloat16', 'bfloat16', 'float32'],
    ['bfloat16', 'float16', 'float32'],
    ['float16', 'number', 'float32'],
    ['float16', 'float64', 'float64']
  ])('%s with %s is %s', (a, b, result) => {
    expect((ops.add(kinds[a] as Operand, kinds[b] as Operand) as Expr).dtype).toBe(result)
    expect((ops.mul(kinds[b] as Operand, kinds[a] as Operand) as Expr).dtype).toBe(result)
  })

  test('a bare vector beside an NdArray of the same length makes a bare vector', () => {
    const array = ndarray([1, 2], [2])
    expect(force(ops.add(array, Float32Array.of(1, 1)))).toStrictEqual(Float32Array.of(2, 3))
    expect(force(ops.add(Float32Array.of(1, 1), array))).toStrictEqual(Float32Array.of(2, 3))
    expect(force(ops.add(array, array))).toStrictEqual(ndarray([2, 4], [2]))
    expect(force(ops.where(array, Float32Array.of(1, 1), 0))).toStrictEqual(Float32Array.of(1, 1))
    expect(force(ops.where(Float32Array.of(1, 0), array, 5))).toStrictEqual(Float32Array.of(1, 5))
    expect(force(ops.where(array, array, Float32Array.of(1, 1)))).toStrictEqual(Float32Array.of(1, 2))
    expect(force(ops.add(ndarray([1], []), 1))).toStrictEqual(ndarray([2], []))
  })

  test('a lazy scalar is rounded once, where it meets an array', () => {
    const third = ops.div(ops.sum(Float32Array.of(1)), 3)
    expect(read(ops.mul(third, 3))).toBe(1)
    expect(force(ops.mul(third, Float32Array.of(1)))).toStrictEqual(Float32Array.of(1 / 3))
    expect(force(ops.mul(ops.mul(third, 1e-30), Float64Array.of(1e30)))).toStrictEqual(
      Float64Array.of((1 / 3) * 1e-30 * 1e30)
    )
  })

  test('casts round, and leave numbers alone', () => {
    expect(force(ops.cast(Float64Array.of(0.1), 'float32'))).toStrictEqual(Float32Array.of(0.1))
    expect(force(ops.cast(ndarray([1 / 3], [1], 'bfloat16'), 'float64'))).toStrictEqual(
      ndarray(Float64Array.of(0.333984375), [1])
    )
    expect(ops.cast(0.1, 'float32')).toBe(0.1)
    expect(ops.castLike(0.1, Float32Array.of(1))).toBe(0.1)
    expect(force(ops.castLike(Float32Array.of(0.1), 1))).toStrictEqual(Float32Array.of(0.1))
    const x = ops.lift(Float32Array.of(1))
    expect(ops.cast(x, 'float32')).toBe(x)
  })

  test('fullLike and zerosLike', () => {
    expect(force(ops.fullLike(ndarray([1, 2], [2, 1]), -0))).toStrictEqual(ndarray([-0, -0], [2, 1]))
    expect(force(ops.fullLike(Float32Array.of(1), 0.1, 'float64'))).toStrictEqual(Float64Array.of(0.1))
    expect([ops.fullLike(3, 0.5), ops.zerosLike(7), ops.zerosLike(7, 'float32')]).toStrictEqual([0.5, 0, 0])
  })
})

describe('along axes', () => {
  const array = ndarray(
    Float64Array.from({ length: 24 }, (_, i) => ((i * 7) % 24) - 3),
    [2, 3, 4]
  )
  const at = (i: number, j: number, k: number): number => array.data[12 * i + 4 * j + k] as number
  const { add } = { add: (a: number, b: number) => a + b }

  /** The definition: fold over all indices that agree outside the axes. */
  const folded = (axes: readonly number[], fold: (a: number, b: number) => number, start: number): NdArray => {
    const shape = [2, 3, 4].map((length, axis) => (axes.includes(axis) ? 1 : length)) as [number, number, number]
    const out = new Float64Array(shape[0] * shape[1] * shape[2]).fill(start)
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++) {
        for (let k = 0; k < 4; k++) {
          const place = ((i % shape[0]) * shape[1] + (j % shape[1])) * shape[2] + (k % shape[2])
          out[place] = fold(out[place] as number, at(i, j, k))
        }
      }
    }
    return ndarray(out, shape)
  }

  test.each([[[]], [[0]], [[1]], [[2]], [[0, 1]], [[2, 0]], [[1, 2]], [[0, 1, 2]], [[1, 1]]])(
    '%j',
    (axes: number[]) => {
      expect(force(ops.sum(array, axes))).toStrictEqual(folded(axes, add, 0))
      expect(force(ops.maxOf(array, axes))).toStrictEqual(folded(axes, Math.max, -Infinity))
      expect(force(ops.minOf(array, axes))).toStrictEqual(folded(axes, Math.min, Infinity))
      const count = [...new Set(axes)].reduce((n, axis) => n * ([2, 3, 4][axis] as number), 1)
      const mean = folded(axes, add, 0)
      expect(force(ops.mean(array, axes))).toStrictEqual({
        ...mean,
        data: (mean.data as Float64Array).map((x) => x / count)
      })
    }
  )

  test('of no elements', () => {
    const none = ndarray([], [0, 2])
    expect(force(ops.sum(none, [0]))).toStrictEqual(ndarray([0, 0], [1, 2]))
    expect(force(ops.maxOf(none, [0]))).toStrictEqual(ndarray([-Infinity, -Infinity], [1, 2]))
    expect(force(ops.mean(none, [0]))).toStrictEqual(ndarray([Number.NaN, Number.NaN], [1, 2]))
    expect(force(ops.sum(none, [1]))).toStrictEqual(ndarray([], [0, 1]))
    expect(read(ops.mean(none))).toBeNaN()
  })

  test('a bare vector has one axis, a single element none', () => {
    expect(force(ops.sum(Float32Array.of(1, 2), [0]))).toStrictEqual(ndarray([3], [1]))
    expect(force(ops.sum(ndarray([5], []), []))).toStrictEqual(ndarray([5], []))
    expect([ops.sum(3, [0]), ops.maxOf(3), ops.mean(3), ops.norm(-3)]).toStrictEqual([3, 3, 3, 3])
  })

  test('a norm along axes is that of each slice, in the dtype that is computed with', () => {
    const squares = (dtype: 'float64' | 'float32' | 'float16') =>
      force(ops.norm(ndarray([3, 0, 4, 2], [2, 2], dtype), [0]))
    expect(squares('float64')).toStrictEqual(ndarray([5, 2], [1, 2], 'float64'))
    expect(squares('float32')).toStrictEqual(ndarray([5, 2], [1, 2]))
    expect(squares('float16')).toStrictEqual(ndarray([5, 2], [1, 2]))
    const wide = ndarray(Float64Array.of(3e180, 4e180, 3e-200, 4e-200, 3, 4, 0, 0), [4, 2])
    expect(force(ops.norm(wide, [1]))).toStrictEqual(ndarray(Float64Array.of(5e180, 5e-200, 5, 0), [4, 1]))
    expect(() => ops.norm(wide, [2])).toThrow(
      'norm: axes of shape [4, 2] must be a list of whole numbers from 0 to 1, got [2]'
    )
  })

  test('the root mean square is the norm over √n, up to rounding, and |x| of a number', () => {
    expect(read(ops.rms(Float64Array.of(3e180, 4e180, 0, 0)))).toBe(2.5e180)
    expect([ops.rms(-3), ops.rms(1e-300), read(ops.rms(Float32Array.of(1, -7)))]).toStrictEqual([3, 1e-300, 5])
    expect(read(ops.rms(new Float32Array(0)))).toBeNaN()
  })

  test('broadcast repeats', () => {
    const row = ndarray([1, 2], [1, 2])
    expect(force(ops.broadcast(row, [3, 2]))).toStrictEqual(ndarray([1, 2, 1, 2, 1, 2], [3, 2]))
    expect(force(ops.broadcast(ndarray([7], [1, 1]), [2, 2]))).toStrictEqual(ndarray([7, 7, 7, 7], [2, 2]))
    expect(force(ops.broadcast(row, [0, 2]))).toStrictEqual(ndarray([], [0, 2]))
    expect(force(ops.broadcast(ndarray([1, 2], [2, 1], 'float16'), [2, 2]))).toStrictEqual(
      ndarray([1, 1, 2, 2], [2, 2], 'float16')
    )
    expect(force(ops.sub(array, ops.broadcast(ops.mean(array, [2]), [2, 3, 4])))).toMatchObject({ shape: [2, 3, 4] })
  })
})

test('an expression tells a lazy number from an array of one', () => {
  expect((ops.sum(Float32Array.of(1, 2)) as Expr).isScalar).toBe(true)
  expect((ops.mul(Float64Array.of(1), 2) as Expr).isScalar).toBe(false)
})

describe('an expression is no value', () => {
  const x = ops.sum(Float32Array.of(1)) as Expr
  const lazy = 'an expression is lazy, it has no value'
  test.each<[string, () => unknown]>([
    ['x > 3', () => (x as unknown as number) > 3],
    ['x + 1', () => (x as unknown as number) + 1],
    ['-x', () => -(x as unknown as number)],
    // biome-ignore lint/suspicious/noDoubleEquals: this is what a user may write
    ['x == 3', () => (x as unknown) == 3],
    ['in a template', () => `${x}`],
    ['Math.sqrt(x)', () => Math.sqrt(x as unknown as number)],
    ['Number(x)', () => Number(x)],
    ['JSON.stringify(x)', () => JSON.stringify(x)],
    ['JSON.stringify({ deep: [x] })', () => JSON.stringify({ deep: [x] })],
    ['new Float32Array([x])', () => new Float32Array([x as unknown as number])]
  ])('%s throws', (_name, use) => {
    expect(use).toThrow(LazyValue)
    expect(use).toThrow(lazy)
  })
})

test('operands of different shapes are refused', () => {
  const [a, b] = [ndarray(new Float32Array(4), [2, 2]), new Float32Array(4)]
  const message = (op: string) =>
    `${op}: the operands have shapes [2, 2] and [4]; nothing is broadcast unasked, use broadcast`
  expect(() => ops.add(a, b)).toThrow(new InvalidTree(message('add')))
  expect(() => ops.where(a, 1, b)).toThrow(new InvalidTree(message('where')))
  expect(() => ops.where(1, a, b)).toThrow(new InvalidTree(message('where')))
  expect(() => ops.dot(a, b)).toThrow(new InvalidTree(message('dot')))
  expect(() => ops.min(new Float32Array(3), new Float32Array(4))).toThrow(InvalidTree)
})

describe('misuse is refused', () => {
  const matrix = ndarray(new Float32Array(4), [2, 2])
  const rows: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a word',
      () => ops.add('1' as never, 2),
      'an operand must be a number, a Float32Array, a Float64Array, an NdArray or an expression, got "1"'
    ],
    [
      'a list',
      () => ops.sum([1, 2] as never),
      'an operand must be a number, a Float32Array, a Float64Array, an NdArray or an expression, got [1, 2]'
    ],
    [
      'nothing',
      () => ops.neg(undefined as never),
      'an operand must be a number, a Float32Array, a Float64Array, an NdArray or an expression, got undefined'
    ],
    [
      'an exponent of another shape',
      () => ops.pow(Float32Array.of(1), Float32Array.of(1, 2)),
      'pow: the operands have shapes [1] and [2]; nothing is broadcast unasked, use broadcast'
    ],
    [
      'an axis too many',
      () => ops.sum(matrix, [2]),
      'sum: axes of shape [2, 2] must be a list of whole numbers from 0 to 1, got [2]'
    ],
    [
      'a negative axis',
      () => ops.maxOf(matrix, [-1]),
      'maxOf: axes of shape [2, 2] must be a list of whole numbers from 0 to 1, got [-1]'
    ],
    [
      'half an axis',
      () => ops.minOf(matrix, [0.5]),
      'minOf: axes of shape [2, 2] must be a list of whole numbers from 0 to 1, got [0.5]'
    ],
    [
      'a bare axis',
      () => ops.mean(matrix, 1 as never),
      'mean: axes of shape [2, 2] must be a list of whole numbers from 0 to 1, got 1'
    ],
    [
      'an axis of a single element',
      () => ops.sum(ndarray([1], []), [0]),
      'sum: axes of shape [] must be a list of none, got [0]'
    ],
    ['dot with a number', () => ops.dot(matrix, 2), 'dot: both operands must be arrays, or both numbers'],
    [
      'a dtype that is none',
      () => ops.cast(matrix, 'int32' as never),
      'cast: dtype must be one of "float32", "float64", "bfloat16", "float16", got "int32"'
    ],
    [
      'zeros of no dtype',
      () => ops.zerosLike(matrix, 'f4' as never),
      'zerosLike: dtype must be one of "float32", "float64", "bfloat16", "float16", got "f4"'
    ],
    [
      'filling with an array',
      () => ops.fullLike(matrix, new Float32Array(4) as never),
      'fullLike: value must be a number or a lazy scalar, got an array'
    ],
    [
      'filling with a lazy array',
      () => ops.fullLike(matrix, ops.neg(matrix)),
      'fullLike: value must be a number or a lazy scalar, got an array'
    ],
    [
      'stretching a number',
      () => ops.broadcast(1, [2]),
      'broadcast: x must be an array; a number meets every shape as it is'
    ],
    [
      'stretching 2 to 3',
      () => ops.broadcast(matrix, [2, 3]),
      'broadcast: an array of shape [2, 2] does not stretch to [2, 3]'
    ],
    [
      'adding an axis',
      () => ops.broadcast(matrix, [1, 2, 2]),
      'broadcast: an array of shape [2, 2] does not stretch to [1, 2, 2]'
    ],
    [
      'a negative length',
      () => ops.broadcast(ndarray([1], [1]), [-1]),
      'broadcast: shape must be an array of whole numbers ≥ 0, got [-1]'
    ],
    [
      'an opaque nothing',
      () => ops.opaque(null as never, [], { dtype: 'float32', shape: [] }),
      'opaque: f must be a function, got null'
    ],
    [
      'an opaque number',
      () => ops.opaque(() => new Float32Array(1), [1], { dtype: 'float32', shape: [1] }),
      'opaque: every operand must be an array'
    ],
    [
      'an opaque dtype',
      () => ops.opaque(() => new Float32Array(1), [], { dtype: 'int8' as never, shape: [1] }),
      'opaque: dtype must be one of "float32", "float64", "bfloat16", "float16", got "int8"'
    ],
    [
      'an opaque like a number',
      () => ops.opaque(() => new Float32Array(1), [], { like: 1 }),
      'opaque: like must be an array'
    ],
    [
      'an opaque shape',
      () => ops.opaque(() => new Float32Array(1), [], { dtype: 'float32', shape: [1.5] }),
      'opaque: shape must be an array of whole numbers ≥ 0, got [1.5]'
    ],
    [
      'a malformed array',
      () => ops.add({ dtype: 'float32', shape: [3], data: new Float32Array(2) }, 1),
      'the array has shape [3], that is 3 elements, and 2 in its data'
    ]
  ]
  test.each(rows)('%s', (_name, use, message) => {
    expect(use).toThrow(message)
    expect(use).toThrow(expect.objectContaining({ message }))
    expect([InvalidOption, InvalidTree].some((type) => catching(use) instanceof type)).toBe(true)
  })
})

const catching = (use: () => unknown): unknown => {
  try {
    use()
  } catch (error) {
    return error
  }
  return undefined
}

test('an opaque function gets its operands as arrays, in order', () => {
  const x = ops.mul(Float32Array.of(1, 2), 2)
  const y = ndarray(Float64Array.of(3), [1, 1])
  const node = ops.opaque(
    (a, b, c) => {
      expect([a, b, c]).toStrictEqual([ndarray(Float32Array.of(2, 4), [2]), y, ndarray([1], [1], 'bfloat16')])
      return Float64Array.of(6)
    },
    [x, y, ndarray([1], [1], 'bfloat16')],
    { dtype: 'float64', shape: [] }
  )
  expect(node).toBeInstanceOf(Expr)
  expect(force(ops.add(node, 1))).toStrictEqual(ndarray(Float64Array.of(7), []))
})

test('an opaque function gives an array like another: a bare vector, a shape, a dtype of 16 bits', () => {
  const copy = ({ data }: NdArray) => data.map((x) => x) as never
  for (const like of [
    Float32Array.of(1, 2),
    Float64Array.of(3),
    ndarray([1, 2], [2, 1]),
    ndarray([1, 2], [2], 'bfloat16')
  ]) {
    expect(force(ops.opaque(copy, [like], { like }))).toStrictEqual(like)
  }
  const lazy = ops.mul(Float32Array.of(1, 2), 3)
  expect(force(ops.opaque(copy, [lazy], { like: lazy }))).toStrictEqual(Float32Array.of(3, 6))
})
