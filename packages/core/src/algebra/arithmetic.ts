import { boolean, check, nonNegative, withDefaults } from '../check.js'
import { read } from '../engine/evaluate.js'
import { InvalidOption } from '../errors.js'
import type { Operand } from '../expression/expr.js'
import { isScalar } from '../expression/operations/value.js'
import {
  abs,
  add as addArrays,
  div as divArrays,
  equal,
  isFinite,
  lessEqual,
  lift,
  max,
  min,
  mul as mulArrays,
  notEqual,
  sub as subArrays,
  sum,
  type Value,
  where as whereArrays
} from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import { groupedIn } from '../tree/grouping.js'
import { expandPrefix, isContainer, map, type TreeOf } from '../tree/tree.js'
import { folded, mapped, SUM } from './placed.js'

const PAIR = ['a', 'b']

/**
 * a + b, leaf by leaf; the sum of all trees when there are more. A number goes with an array of any shape.
 *
 * @example
 * force(tree.add({ w: new Float32Array([1, 2]), b: 3 }, { w: new Float32Array([10, 20]), b: 30 }))
 * // => { w: Float32Array [11, 22], b: 33 }
 *
 * @throws InvalidTree with the path, where the trees do not fit.
 */
export const add = (a: Tree, b: Tree, ...others: readonly Tree[]): Tree => {
  const names = [...PAIR, ...others.map((_, i) => `tree ${i + 3}`)]
  return mapped('add', names, [a, b, ...others], (first, ...rest) =>
    rest.reduce<Value>((total, x) => addArrays(total, x), lift(first))
  )
}

/**
 * a − b, leaf by leaf.
 *
 * @example
 * force(tree.sub({ w: new Float32Array([1, 2]), b: 3 }, { w: new Float32Array([1, 1]), b: 1 })) // => { w: Float32Array [0, 1], b: 2 }
 *
 * @throws InvalidTree with the path, where the trees do not fit.
 */
export const sub = (a: Tree, b: Tree): Tree =>
  mapped('sub', PAIR, [a, b], (x, y) => subArrays(x as Operand, y as Operand))

/**
 * a × b, leaf by leaf and element by element.
 *
 * @example
 * force(tree.mul({ w: new Float32Array([1, 2]), b: 3 }, { w: 10, b: 5 })) // => { w: Float32Array [10, 20], b: 15 }
 *
 * @throws InvalidTree with the path, where the trees do not fit.
 */
export const mul = (a: Tree, b: Tree): Tree =>
  mapped('mul', PAIR, [a, b], (x, y) => mulArrays(x as Operand, y as Operand))

/**
 * a ÷ b, leaf by leaf and element by element.
 *
 * @example
 * force(tree.div({ w: new Float32Array([1, 2]), b: 3 }, { w: new Float32Array([4, 4]), b: 6 })) // => { w: Float32Array [0.25, 0.5], b: 0.5 }
 *
 * @throws InvalidTree with the path, where the trees do not fit.
 */
export const div = (a: Tree, b: Tree): Tree =>
  mapped('div', PAIR, [a, b], (x, y) => divArrays(x as Operand, y as Operand))

const checkScalar = (owner: string, scalar: Value): void => {
  if (!isScalar(lift(scalar)))
    throw new InvalidOption(`${owner}: scalar must be a number or a lazy scalar, got an array`)
}

/**
 * A tree times a number, which may be lazy, such as a norm.
 *
 * @example
 * force(tree.scale(0.5, { w: new Float32Array([1, 2]), b: 3 })) // => { w: Float32Array [0.5, 1], b: 1.5 }
 *
 * @throws InvalidOption when the scalar is an array; InvalidTree for what is no tree of arrays.
 */
export const scale = (scalar: Value, values: Tree): Tree => {
  checkScalar('scale', scalar)
  return mapped('scale', ['tree'], [values], (x) => mulArrays(scalar, x as Operand))
}

/**
 * a + s b for a number s, which may be lazy.
 *
 * @example
 * force(tree.addScale({ w: new Float32Array([1, 2]) }, -0.5, { w: new Float32Array([2, 2]) })) // => { w: Float32Array [0, 1] }
 *
 * @throws InvalidOption when the scalar is an array; InvalidTree with the path, where the trees do not fit.
 */
export const addScale = (a: Tree, scalar: Value, b: Tree): Tree => {
  checkScalar('addScale', scalar)
  return mapped('addScale', PAIR, [a, b], (x, y) => addArrays(x as Operand, mulArrays(scalar, y as Operand)))
}

/** Options of {@link clip}. */
export interface ClipOptions {
  /** The least that may be, a number or lazy; no bound by default. */
  readonly minValue?: Value | undefined
  /** The most that may be, a number or lazy; no bound by default. */
  readonly maxValue?: Value | undefined
}

/**
 * Every element brought between two bounds; NaN stays NaN.
 *
 *     x ↦ min(max(x, minValue), maxValue)
 *
 * @example
 * force(tree.clip({ w: new Float32Array([-3, 0.5, 3]), b: 7 }, { minValue: -1, maxValue: 1 })) // => { w: Float32Array [-1, 0.5, 1], b: 1 }
 *
 * @throws InvalidOption when a bound is an array, and when the lower is above the upper.
 */
export const clip = (values: Tree, options: ClipOptions = {}): Tree => {
  const { minValue, maxValue } = withDefaults<ClipOptions>('clip', options, {
    minValue: undefined,
    maxValue: undefined
  })
  for (const [name, bound] of Object.entries({ minValue, maxValue })) {
    if (bound !== undefined && !isScalar(lift(bound))) {
      throw new InvalidOption(`clip: ${name} must be a number or a lazy scalar, got an array`)
    }
  }
  if (typeof minValue === 'number' && typeof maxValue === 'number' && minValue > maxValue) {
    throw new InvalidOption(`clip: minValue must be at most maxValue, got ${minValue} and ${maxValue}`)
  }
  return mapped('clip', ['tree'], [values], (x) => {
    const raised = minValue === undefined ? lift(x as Operand) : max(x as Operand, minValue)
    return maxValue === undefined ? raised : min(raised, maxValue)
  })
}

/**
 * x where the condition is true or not 0, else y: one condition for all, or one for each leaf or subtree. An array of
 * conditions has the shape of its leaf. What is not taken does not matter, be it NaN.
 *
 * @example
 * const x = { w: new Float32Array([1, 2]), b: 3 }
 * const y = { w: new Float32Array([0, 0]), b: 0 }
 * force(tree.where({ w: new Float32Array([1, 0]), b: true }, x, y)) // => { w: Float32Array [1, 0], b: 3 }
 * force(tree.where(less(tree.norm(x), 1), x, y)) // => { w: Float32Array [0, 0], b: 0 }
 *
 * @throws InvalidTree with the path, where the trees do not fit.
 */
export const where = (condition: TreeOf<Operand | boolean>, x: Tree, y: Tree): Tree => {
  const expanded =
    groupedIn(condition) !== undefined || isContainer(condition)
      ? expandPrefix(condition, x, 'where', ['condition', 'x'])
      : map(() => condition, x)
  const numbers = map((c: unknown) => (typeof c === 'boolean' ? Number(c) : c), expanded as TreeOf<unknown>) as Tree
  return mapped('where', ['condition', 'x', 'y'], [numbers, x, y], (c, a, b) =>
    whereArrays(c as Operand, a as Operand, b as Operand)
  )
}

/** Options of {@link allClose}. */
export interface AllCloseOptions {
  /** The share of |b| by which a may differ, finite and ≥ 0. @defaultValue `1e-5` */
  readonly rtol?: number | undefined
  /** By how much a may differ besides, finite and ≥ 0. @defaultValue `1e-8` */
  readonly atol?: number | undefined
  /** Whether NaN is close to NaN. @defaultValue `false` */
  readonly equalNan?: boolean | undefined
}

/**
 * Whether two trees are the same up to rounding. This is looked at now: the answer is `true` or `false`, not lazy.
 *
 *     |a − b| ≤ atol + rtol |b|        for every element; infinities are close to themselves alone
 *
 * @example
 * tree.allClose({ w: new Float32Array([1, 2]) }, { w: new Float32Array([1.000001, 2]) }) // => true
 * tree.allClose({ w: new Float32Array([1, 2]) }, { w: new Float32Array([1.1, 2]) }) // => false
 *
 * @throws InvalidOption when a tolerance is out of range; InvalidTree with the path, where the trees do not fit.
 */
export const allClose = (a: Tree, b: Tree, options: AllCloseOptions = {}): boolean => {
  const { rtol, atol, equalNan } = withDefaults('allClose', options, { rtol: 1e-5, atol: 1e-8, equalNan: false })
  check('allClose', { rtol, atol }, nonNegative)
  check('allClose', { equalNan }, boolean)
  const far = folded('allClose', PAIR, [a, b], SUM, (x, y) => {
    const [p, q] = [lift(x as Operand), lift(y as Operand)]
    const isNear = mulArrays(lessEqual(abs(subArrays(p, q)), addArrays(atol, mulArrays(rtol, abs(q)))), isFinite(q))
    const isSame = max(equal(p, q), equalNan ? mulArrays(notEqual(p, p), notEqual(q, q)) : 0)
    return sum(subArrays(1, max(isNear, isSame)))
  })
  return read(far) === 0
}
