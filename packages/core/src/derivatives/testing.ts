// Random smooth losses for the tests of derivatives, described by plain data and built anew for each evaluation.
import fc from 'fast-check'
import { type NdArray, ndarray } from '../array/ndarray.js'
import type { Leaf, Operand } from '../expression/expr.js'
import * as ops from '../expression/operations.js'
import { matmul } from '../matrix/matmul.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import { leaves, unflatten } from '../tree/tree.js'

type Make = (a: ops.Value, b: ops.Value, s: ops.Value) => ops.Value

const SHAPE = [2, 3]
const TAKEN = ndarray(Float64Array.of(1, 0, 1, 1, 0, 0), SHAPE)
const PEAKS = ndarray(Float64Array.of(0, 50, 0, 0, 0, 50), SHAPE)
/** Well above 0, so that roots, logarithms and quotients are smooth. */
const above = (x: ops.Value): ops.Value => ops.add(1.25, ops.square(x))
const back = (x: ops.Value): ops.Value => ops.broadcast(x, SHAPE)

/** Operations on two arrays and a scalar, to an array; what could grow without end is kept in bounds. */
const ARRAYS: Readonly<Record<string, Make>> = {
  neg: (a) => ops.neg(a),
  abs: (a) => ops.abs(above(a)),
  add: (a, b) => ops.add(a, b),
  sub: (a, b) => ops.sub(a, b),
  mul: (a, b) => ops.mul(a, b),
  square: (a) => ops.square(a),
  div: (a, b) => ops.div(a, above(b)),
  sqrt: (a) => ops.sqrt(above(a)),
  rsqrt: (a) => ops.rsqrt(above(a)),
  exp: (a) => ops.exp(ops.tanh(a)),
  log: (a) => ops.log(above(a)),
  log1p: (a) => ops.log1p(above(a)),
  tanh: (a) => ops.tanh(a),
  sin: (a) => ops.sin(a),
  cos: (a) => ops.cos(a),
  erf: (a) => ops.erf(a),
  cube: (a) => ops.pow(ops.tanh(a), 3),
  pow: (a) => ops.pow(above(a), -1.5),
  powArray: (a, b) => ops.pow(above(a), ops.tanh(b)),
  atan2: (a, b) => ops.atan2(a, above(b)),
  angle: (a, b, s) => ops.atan2(above(a), ops.add(b, s)),
  powScalar: (a, _b, s) => ops.pow(above(a), s),
  where: (a, b) => ops.where(TAKEN, a, b),
  whereScalar: (a, _b, s) => ops.where(TAKEN, s, a),
  min: (a) => ops.min(a, ops.add(3, ops.square(a))),
  max: (a) => ops.max(ops.sub(a, above(a)), a),
  addScalar: (a, _b, s) => ops.add(a, s),
  mulScalar: (a, _b, s) => ops.mul(s, a),
  divScalar: (a, _b, s) => ops.div(s, above(a)),
  fill: (a, _b, s) => ops.mul(ops.fullLike(a, s), a),
  cast: (a) => ops.cast(a, 'float64'),
  rows: (a) => back(ops.sum(a, [1])),
  columns: (a) => back(ops.mean(a, [0])),
  // One element of each row is far above the others: differences do not meet the kink.
  largest: (a) => ops.mul(ops.sub(back(ops.maxOf(ops.add(a, PEAKS), [1])), 50), a),
  stretched: (a, b) => ops.mul(back(ops.sum(a, [0, 1])), ops.tanh(b)),
  opaque: (a) => turned(a as Operand),
  reshape: (a, b) => ops.mul(ops.reshape(ops.reshape(a as Operand, [6]), SHAPE), b),
  transpose: (a, b) => ops.mul(ops.reshape(ops.transpose(a as Operand), SHAPE), b),
  matmul: (a, b) => matmul(matmul(a as Operand, b as Operand, { transposeB: true }), a as Operand),
  matmulTransposed: (a, b) => matmul(b as Operand, matmul(a as Operand, b as Operand, { transposeA: true }), {}),
  gram: (a) => matmul(matmul(a as Operand, a as Operand, { transposeB: true }), a as Operand, { transposeA: true })
}

const turned = (x: Operand): ops.Value =>
  ops.opaque((array) => array.data.slice().reverse(), [x], { like: x }, { vjp: (dy) => [turned(dy)] })

/** Operations on two arrays and a scalar, to a scalar. */
const SCALARS: Readonly<Record<string, Make>> = {
  sum: (a) => ops.sum(a),
  sumSquares: (a) => ops.sumSquares(a),
  dot: (a, b) => ops.dot(a, b),
  dotItself: (a) => ops.dot(a, a),
  norm: (a) => ops.norm(ops.add(2, ops.square(a))),
  mean: (a) => ops.mean(a),
  maxOf: (a) => ops.maxOf(ops.add(a, ndarray(Float64Array.of(0, 0, 0, 60, 0, 0), SHAPE))),
  minOf: (a) => ops.minOf(ops.add(a, ndarray(Float64Array.of(0, 0, -60, 0, 0, 0), SHAPE))),
  both: (a, b, s) => ops.mul(s, ops.div(ops.sum(a), ops.add(10, ops.sumSquares(b))))
}

/** A loss in plain data. */
export interface Recipe {
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly s: number
  readonly steps: readonly { readonly make: string; readonly operands: readonly [number, number, number] }[]
}

const element = fc.integer({ min: -16, max: 16 }).map((n) => n / 8)

/** Losses of a matrix, a vector and a number. */
export const recipe: fc.Arbitrary<Recipe> = fc.record({
  x: fc.array(element, { minLength: 6, maxLength: 6 }),
  y: fc.array(element, { minLength: 6, maxLength: 6 }),
  s: element,
  steps: fc.array(
    fc.record({
      make: fc.constantFrom(...Object.keys(ARRAYS), ...Object.keys(SCALARS)),
      operands: fc.tuple(fc.nat(3), fc.nat(5), fc.nat(3))
    }),
    { minLength: 1, maxLength: 10 }
  )
})

/** The params of a recipe: float64, unless asked otherwise. */
export const paramsOf = ({ x, y, s }: Recipe, dtype: 'float32' | 'float64' = 'float64') => ({
  x: ndarray(x, SHAPE, dtype),
  deep: [ndarray(y, SHAPE, dtype), null],
  s
})

/** The params as a loss is called with them. */
export interface Params {
  readonly x: Operand
  readonly deep: readonly (Operand | null)[]
  readonly s: Operand
}

const from = <T>(row: readonly T[], place: number): T => row[row.length - 1 - (place % row.length)] as T

/** The loss that a recipe describes: bounded, and made of everything that was computed. */
export const lossOf =
  ({ steps }: Recipe) =>
  ({ x, deep, s }: Params): ops.Value => {
    const arrays = [ops.lift(x), ops.lift(deep[0] as Operand)]
    const scalars = [ops.lift(s)]
    for (const { make, operands } of steps) {
      const [a, b, c] = [from(arrays, operands[0]), from(arrays, operands[1]), from(scalars, operands[2])]
      const array = ARRAYS[make]
      if (array !== undefined) arrays.push(ops.mul(2, ops.tanh(ops.mul(0.5, array(a, b, c)))))
      else scalars.push(ops.tanh(ops.mul(0.125, (SCALARS[make] as Make)(a, b, c))))
    }
    const total = arrays.reduce<ops.Value>((sum, array) => ops.add(sum, ops.mean(ops.sin(array))), 0)
    return scalars.reduce<ops.Value>((sum, scalar) => ops.add(sum, scalar), total)
  }

const elementsOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [leaf] : [...(ArrayBuffer.isView(leaf) ? leaf : (leaf as NdArray).data)]

/** All elements of a tree, in tree order. */
export const flat = (tree: unknown): readonly number[] => leaves(force(tree as Tree)).flatMap(elementsOf)

/** A tree like another, with its elements from a list that goes round. */
export const filledLike = <T>(like: T, numbers: readonly number[]): T => {
  let at = 0
  const next = (): number => numbers[at++ % numbers.length] as number
  const filled = leaves(like as Tree<Leaf>).map((leaf): Leaf => {
    if (typeof leaf === 'number') return next()
    if (ArrayBuffer.isView(leaf)) return (leaf as Float64Array).map(next)
    return { ...(leaf as NdArray), data: (leaf as NdArray<'float64'>).data.map(next) } as Leaf
  })
  return unflatten(like as Tree, filled) as T
}

/** Σ aᵢ bᵢ over all elements of two trees. */
export const inner = (a: unknown, b: unknown): number => {
  const other = flat(b)
  return flat(a).reduce((total, x, i) => total + x * (other[i] as number), 0)
}
