// Random expression graphs for the laws of engines. A graph is described by plain data and built anew for each
// evaluation, because an evaluated expression is no longer the graph it was.

import type { DType, NdArray, Operand, Value } from '@gradchain/core'
import * as ops from '@gradchain/core'
import { Expr, lift, nodeOf } from '@gradchain/core/engine'
import fc from 'fast-check'
import { elements, withElements } from '../internal/elements.js'

const DTYPES: readonly DType[] = ['float32', 'float64', 'bfloat16', 'float16']

/** How an operation of a graph is built out of three operands of one shape and two numbers. */
type Make = (a: Value, b: Value, c: Value, n: number, x: number) => Value

const isArray = (value: Value): value is Expr => value instanceof Expr && !value.isScalar

/** The axes of an array that the bits of a number name. */
const axesOf = (array: Expr, bits: number): number[] =>
  nodeOf(array).shape.flatMap((_, axis) => (bits & (1 << axis) ? [axis] : []))

const along =
  (reduce: (x: Operand, axes: readonly number[]) => Value): Make =>
  (a, _b, _c, n) => {
    if (!isArray(a)) return a
    // Back to the shape from which it came, so that it may meet its fellows.
    return ops.broadcast(reduce(a, axesOf(a, n)), nodeOf(a).shape)
  }

const EXPONENTS = [0, 1, 2, 3, 4, 5, 7, 8, 10, 13, 64, 65, -1, -2, -3, 0.5, 1 / 3, -0.5, 2.5, Number.NaN, Infinity]

const unchanged = (array: NdArray): NdArray['data'] => array.data.slice()
const reversed = (array: NdArray): NdArray['data'] => array.data.slice().reverse()

/** Everything an expression can be made of. */
export const MAKES: Readonly<Record<string, Make>> = {
  neg: (a) => ops.neg(a),
  abs: (a) => ops.abs(a),
  sqrt: (a) => ops.sqrt(a),
  rsqrt: (a) => ops.rsqrt(a),
  square: (a) => ops.square(a),
  floor: (a) => ops.floor(a),
  exp: (a) => ops.exp(a),
  log: (a) => ops.log(a),
  log1p: (a) => ops.log1p(a),
  tanh: (a) => ops.tanh(a),
  sin: (a) => ops.sin(a),
  cos: (a) => ops.cos(a),
  erf: (a) => ops.erf(a),
  sign: (a) => ops.sign(a),
  isFinite: (a) => ops.isFinite(a),
  add: (a, b) => ops.add(a, b),
  sub: (a, b) => ops.sub(a, b),
  mul: (a, b) => ops.mul(a, b),
  div: (a, b) => ops.div(a, b),
  min: (a, b) => ops.min(a, b),
  max: (a, b) => ops.max(a, b),
  less: (a, b) => ops.less(a, b),
  lessEqual: (a, b) => ops.lessEqual(a, b),
  greater: (a, b) => ops.greater(a, b),
  greaterEqual: (a, b) => ops.greaterEqual(a, b),
  equal: (a, b) => ops.equal(a, b),
  notEqual: (a, b) => ops.notEqual(a, b),
  where: (a, b, c) => ops.where(a, b, c),
  whereLess: (a, b, c) => ops.where(ops.less(a, b), b, c),
  pow: (a, _b, _c, n) => ops.pow(a, EXPONENTS[n % EXPONENTS.length] as number),
  powArray: (a, b) => ops.pow(a, b),
  atan2: (a, b) => ops.atan2(a, b),
  cast: (a, _b, _c, n) => ops.cast(a, DTYPES[n % DTYPES.length] as DType),
  castLike: (a, b) => ops.castLike(a, b),
  addNumber: (a, _b, _c, _n, x) => ops.add(a, x),
  mulNumber: (a, _b, _c, _n, x) => ops.mul(x, a),
  whereNumber: (a, b, _c, n, x) => ops.where(n % 2 === 0 ? x : a, b, x),
  fullLike: (a, _b, _c, _n, x) => ops.fullLike(a, x),
  fullLikeSum: (a, b) => ops.fullLike(a, ops.sum(b)),
  zerosLike: (a, _b, _c, n) => ops.zerosLike(a, DTYPES[n % DTYPES.length] as DType),
  sum: (a) => ops.sum(a),
  sumSquares: (a) => ops.sumSquares(a),
  dot: (a, b) => (isArray(a) === isArray(b) ? ops.dot(a, b) : ops.sum(a)),
  minOf: (a) => ops.minOf(a),
  maxOf: (a) => ops.maxOf(a),
  mean: (a) => ops.mean(a),
  norm: (a) => ops.norm(a),
  clip: (a, b) => ops.mul(a, ops.min(1, ops.div(1, ops.norm(b)))),
  sumAlong: along(ops.sum),
  minAlong: along(ops.minOf),
  maxAlong: along(ops.maxOf),
  meanAlong: along(ops.mean),
  matmul: (a, b, c, n) => {
    if (!isArray(a) || !isArray(b) || !isArray(c) || nodeOf(a).shape.length < 2) return a
    const [x, y] = n % 3 === 0 ? [a, a] : [a, b]
    return ops.matmul(ops.matmul(x, y, { transposeB: true, symmetric: n % 2 === 0 }), c)
  },
  reshape: (a, _b, _c, n) =>
    isArray(a) ? ops.reshape(ops.reshape(a, [a.size, ...(n % 2 ? [1] : [])]), nodeOf(a).shape) : a,
  transpose: (a) => (isArray(a) && nodeOf(a).shape.length >= 2 ? ops.transpose(ops.neg(ops.transpose(a))) : a),
  opaque: (a, b, _c, n) => {
    if (!isArray(a) || !isArray(b)) return a
    const f = n % 2 === 0 ? unchanged : reversed
    return ops.opaque((first) => f(first as NdArray), [a, b, b, a], { dtype: a.dtype, shape: nodeOf(a).shape })
  },
  opaqueItself: (a) =>
    isArray(a) ? ops.opaque((x) => (x as NdArray).data, [a], { dtype: a.dtype, shape: nodeOf(a).shape }) : a,
  packed: (a, _b, _c, n) => {
    if (!isArray(a)) return a
    const x = ops.cast(a, 'float32')
    const format = n % 2 === 0 ? 'dynamic8' : 'dynamic4'
    return ops.dequantize(ops.quantize(x, format), format, x)
  }
}

const NAMES = Object.keys(MAKES)

/** One array that a graph starts from. */
export interface Source {
  readonly dtype: DType
  /** Where its values begin in the row of values. */
  readonly first: number
  /** Not a new array: the elements of an earlier one when that has the same dtype, and its node when `n` is odd. */
  readonly sameAs: number | null
  readonly isBare: boolean
}

/** One operation of a graph; operands are counted back from the newest value, modulo how many there are. */
export interface Step {
  readonly make: string
  readonly operands: readonly [number, number, number]
  readonly n: number
  readonly x: number
}

/** A graph in plain data. */
export interface Recipe {
  readonly shape: readonly number[]
  readonly values: readonly number[]
  readonly sources: readonly Source[]
  readonly steps: readonly Step[]
  readonly roots: readonly number[]
}

/** Numbers at which arithmetic is special: zeros, subnormals of every dtype, the edges of their ranges, ties. */
export const SPECIAL: readonly number[] = [
  ...[0, 1, 0.5, 2, 3, 1 / 3, 1 + 2 ** -8, 1 + 2 ** -11, 1 + 2 ** -23, 1 + 2 ** -24, 1 + 2 ** -52],
  ...[Number.MIN_VALUE, 2 ** -1022, 2 ** -149, 2 ** -126, 2 ** -133, 2 ** -24, 2 ** -25, 2 ** -14, 2 ** -14 - 2 ** -24],
  ...[
    65504,
    65519,
    65520,
    65536,
    3.4028234663852886e38,
    3.4e38,
    2 ** 127,
    2 ** 128,
    1e-30,
    1e20,
    1e154,
    Number.MAX_VALUE
  ],
  ...[Infinity, Number.NaN, 16777217, 2 ** 53 + 2, 709, 88.8, 1e-8, 700]
].flatMap((x) => [x, -x])

const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SPECIAL) },
  { weight: 3, arbitrary: fc.float() },
  { weight: 2, arbitrary: fc.double() },
  { weight: 6, arbitrary: fc.integer({ min: -64, max: 64 }).map((n) => n / 8) }
)

/** A graph over arrays of one of the given shapes. */
export const recipe = (shape: fc.Arbitrary<readonly number[]>, mostSteps: number): fc.Arbitrary<Recipe> =>
  fc.record({
    shape,
    values: fc.array(value, { minLength: 1, maxLength: 40 }),
    sources: fc.array(
      fc.record({
        dtype: fc.constantFrom(...DTYPES, 'float32' as const),
        first: fc.nat(40),
        sameAs: fc.option(fc.nat(8), { freq: 4 }),
        isBare: fc.boolean()
      }),
      { minLength: 1, maxLength: 5 }
    ),
    steps: fc.array(
      fc.record({
        make: fc.constantFrom(...NAMES),
        // Small numbers are newest values: chains grow deep.
        operands: fc.tuple(fc.nat(3), fc.nat(9), fc.nat(99)),
        n: fc.nat(99),
        x: value
      }),
      { minLength: 1, maxLength: mostSteps }
    ),
    roots: fc.array(fc.nat(12), { minLength: 1, maxLength: 6 })
  })

/** An array of a shape whose elements go round through the values. */
const arrayFrom = ({ dtype, first, isBare }: Source, shape: readonly number[], values: readonly number[]): Operand => {
  const size = shape.reduce((n, length) => n * length, 1)
  // A step that shares no factor with the lengths of the row: long arrays do not repeat in time with vectors.
  const numbers = Array.from({ length: size }, (_, i) => values[(first + i + (i >> 5)) % values.length] as number)
  const array = withElements({ dtype, shape, data: new Float32Array(0) } as NdArray, numbers) as NdArray
  return isBare && shape.length === 1 && !(array.data instanceof Uint16Array) ? array.data : array
}

const from = <T>(row: readonly T[], back: number): T => row[row.length - 1 - (back % row.length)] as T

/** The expressions that a recipe describes: the roots to be evaluated. */
export const build = ({ shape, values, sources, steps, roots }: Recipe): Expr[] => {
  const arrays: Operand[] = []
  const pool: Value[] = []
  sources.forEach((source, i) => {
    const earlier = source.sameAs === null ? undefined : sources[source.sameAs % Math.max(i, 1)]
    const same = i > 0 && earlier?.dtype === source.dtype ? (source.sameAs as number) % i : null
    const array = same === null ? arrayFrom(source, shape, values) : (arrays[same] as Operand)
    arrays.push(array)
    pool.push(same !== null && source.first % 2 === 1 ? (pool[same] as Value) : lift(array))
  })
  for (const { make, operands, n, x } of steps) {
    const [a, b, c] = operands.map((back) => from(pool, back)) as [Value, Value, Value]
    pool.push((MAKES[make] as Make)(a, b, c, n, x))
  }
  const expressions = pool.filter((node): node is Expr => node instanceof Expr)
  return roots.map((back) => from(expressions, back))
}

/** The value of an evaluated node: its elements, decoded, or its number. */
export const valuesOf = (node: Expr): readonly number[] => {
  const known = nodeOf(node)
  if (known.name !== 'leaf') throw new Error(`a node ${known.name} has no value`)
  return typeof known.value === 'number' ? [known.value] : Array.from(elements(known.value))
}

/** The first place at which two rows of numbers differ, by `Object.is`; −1 when they do not. */
export const differenceOf = (a: readonly number[], b: readonly number[]): number => {
  if (a.length !== b.length) return Math.min(a.length, b.length)
  return a.findIndex((x, i) => !Object.is(x, b[i]))
}
