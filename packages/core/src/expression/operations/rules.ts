import { type AxisReduction, type Detail, type Expr, type Permutation, shapeOf } from '../expr.js'
import { Op } from '../op.js'
import type { Product } from '../product.js'
import { abs, add, div, mul, neg, pow, sub } from './arithmetic.js'
import { broadcast, reshape, transpose } from './arrays.js'
import { equal, less, lessEqual, sign, where } from './comparisons.js'
import type { Cotangent } from './cotangent.js'
import { cos, exp, log, sin } from './functions.js'
import { firstOfProduct, secondOfProduct } from './productRule.js'
import { maxOf, sum } from './reductions.js'
import { isScalar, type Value } from './value.js'

/** An operation that was done: its result and its operands. */
export interface Done {
  readonly op: number
  /** The result. */
  readonly y: Expr
  readonly a: Value
  readonly b: Value
  readonly c: Value
  readonly detail: Detail
  /** Whether the first operand is {@link Rule.isFlat | flat where it is 0}. */
  readonly isFlat: boolean
}

/** What the walk knows of an operand: whether it depends on a param, and whether it is flat where it is 0. */
export interface Known {
  readonly isActive: (x: Value) => boolean
  readonly isFlat: (x: Value) => boolean
}

type Pull = (dy: Cotangent, done: Done) => Cotangent

/** How an operation is differentiated. */
export interface Rule {
  /**
   * The cotangent of each operand out of that of the result; `null` for an operand on which nothing depends smoothly. A
   * rule for an elementwise operation may give an array for a scalar operand: it is summed up afterwards.
   */
  readonly pulls: readonly (Pull | null)[]
  /**
   * Whether the result, where it is 0, is there with slope 0, as a sum of squares is: then the slope of its root, which is a
   * norm, is taken as 0 there, and not as infinite. An operand that depends on no param is taken for nothing below 0.
   */
  readonly isFlat?: (done: Omit<Done, 'isFlat'>, known: Known) => boolean
}

const throughout: Pull = (dy) => dy
const never: Rule = { pulls: [] }

const isFlatFirst = ({ a }: { readonly a: Value }, { isFlat }: Known): boolean => isFlat(a)

const isFlatOrStill =
  (...names: readonly ('a' | 'b' | 'c')[]) =>
  (done: Omit<Done, 'isFlat'>, { isActive, isFlat }: Known): boolean =>
    names.every((name) => isFlat(done[name]) || !isActive(done[name]))

const axesOf = ({ detail }: Done): readonly number[] => (detail as AxisReduction).axes
const isSum = ({ detail }: { readonly detail: Detail }): boolean => (detail as AxisReduction).op === Op.Sum
const shapeOfFirst = ({ a }: Done): readonly number[] => shapeOf(a as Expr)

/** A cotangent of the result of a reduction along axes, for each element that was reduced. */
const stretched = (dy: Cotangent, done: Done): Cotangent => {
  return rearranged(dy, (x) => broadcast(x, shapeOfFirst(done)))
}

/** With its elements at other places. */
const rearranged = (dy: Cotangent, place: (x: Value) => Value): Cotangent => dy.along(place, place, (x) => x)

/** The share of each element in the largest or smallest: those that tie have as much each. */
const chosen: Pull = (dy, done) => {
  const isChosen = equal(done.a, done.y)
  return dy.shared(div(isChosen, sum(isChosen)))
}

const chosenAlong: Pull = (dy, done) => {
  const stretch = (x: Value): Value => broadcast(x, shapeOfFirst(done))
  const isChosen = equal(done.a, stretch(done.y))
  return stretched(dy, done).shared(div(isChosen, stretch(sum(isChosen, axesOf(done)))))
}

/** Summed up along the axes along which an array was repeated. */
const gathered: Pull = (dy, done) => {
  const [from, to] = [shapeOfFirst(done), shapeOf(done.y)]
  const axes = from.flatMap((length, axis) => (length === to[axis] ? [] : [axis]))
  if (axes.length === 0) return dy
  const times = axes.reduce((product, axis) => product * (to[axis] as number), 1)
  const all = dy.along(
    (x) => sum(x, axes),
    (x) => maxOf(x, axes),
    (x) => x
  )
  return isScalar(dy.value) ? all.times(times) : all
}

/** 1 where a is below b, 1/2 where both are the same, else 0. */
const shareBelow = (a: Value, b: Value): Value => mul(0.5, add(less(a, b), lessEqual(a, b)))

/**
 * How an angle changes along an axis: by the other coordinate over the sum of both squares, which is written by their quotient, as
 * squares overflow. At the origin there is no angle, and the slope is 0.
 */
const turned = (dy: Cotangent, across: Value, along: Value): Cotangent => {
  const isWider = lessEqual(abs(along), abs(across))
  const larger = where(isWider, across, along)
  const ratio = div(where(isWider, along, across), larger)
  return dy
    .where(larger)
    .times(where(isWider, 1, ratio))
    .over(mul(larger, add(1, mul(ratio, ratio))))
}

// How each operation is differentiated, as a composition of the same operations: so a derivative is an expression like any
// other, and has derivatives itself.
const allRules = (): readonly Rule[] => {
  const rules: Rule[] = []
  rules[Op.Fill] = { pulls: [throughout], isFlat: isFlatFirst }
  rules[Op.Cast] = { pulls: [throughout], isFlat: isFlatFirst }
  rules[Op.Neg] = { pulls: [(dy) => dy.negated()] }
  rules[Op.Abs] = { pulls: [(dy, { a }) => dy.times(sign(a))], isFlat: isFlatFirst }
  rules[Op.Sqrt] = { pulls: [(dy, { a, y, isFlat }) => (isFlat ? dy.where(a) : dy).over(mul(2, y))] }
  rules[Op.Floor] = never
  rules[Op.Exp] = { pulls: [(dy, { y }) => dy.times(y)] }
  rules[Op.Log] = { pulls: [(dy, { a }) => dy.over(a)] }
  rules[Op.Log1p] = { pulls: [(dy, { a }) => dy.over(add(1, a))] }
  rules[Op.Tanh] = { pulls: [(dy, { y }) => dy.times(mul(add(1, y), sub(1, y)))] }
  rules[Op.Sin] = { pulls: [(dy, { a }) => dy.times(cos(a))] }
  rules[Op.Cos] = { pulls: [(dy, { a }) => dy.times(neg(sin(a)))] }
  rules[Op.Erf] = { pulls: [(dy, { a }) => dy.times(mul(2 / Math.sqrt(Math.PI), exp(neg(mul(a, a)))))] }
  rules[Op.Add] = { pulls: [throughout, throughout], isFlat: isFlatOrStill('a', 'b') }
  rules[Op.Sub] = { pulls: [throughout, (dy) => dy.negated()] }
  rules[Op.Mul] = {
    pulls: [(dy, { b }) => dy.times(b), (dy, { a }) => dy.times(a)],
    isFlat: ({ a, b }, { isActive, isFlat }) =>
      (a === b && typeof a !== 'number') ||
      (isFlat(a) && (isFlat(b) || isScalar(b) || !isActive(b))) ||
      (isFlat(b) && (isScalar(a) || !isActive(a)))
  }
  rules[Op.Div] = {
    pulls: [(dy, { b }) => dy.over(b), (dy, { b, y }) => dy.times(y).over(b).negated()],
    isFlat: ({ a, b }, { isActive, isFlat }) => isFlat(a) && (isScalar(b) || !isActive(b))
  }
  rules[Op.Min] = {
    pulls: [(dy, { a, b }) => dy.shared(shareBelow(a, b)), (dy, { a, b }) => dy.shared(shareBelow(b, a))],
    isFlat: isFlatOrStill('a', 'b')
  }
  rules[Op.Max] = {
    pulls: [(dy, { a, b }) => dy.shared(shareBelow(b, a)), (dy, { a, b }) => dy.shared(shareBelow(a, b))],
    isFlat: isFlatOrStill('a', 'b')
  }
  rules[Op.Pow] = {
    pulls: [
      (dy, { a, b, isFlat }) => {
        // x⁰ is 1 for every x, for 0 too, where the product would be 0 × ∞.
        const base = typeof b === 'number' ? a : where(mul(equal(a, 0), equal(b, 0)), 1, a)
        return (isFlat ? dy.where(a) : dy).times(mul(b, pow(base, sub(b, 1))))
      },
      // 0ᵇ is 0 for every b > 0, so it does not change with b.
      (dy, { a, y }) => dy.where(a).times(mul(y, log(a)))
    ],
    isFlat: ({ b }) => typeof b === 'number' && b > 1
  }
  rules[Op.Atan2] = { pulls: [(dy, { a, b }) => turned(dy, b, a), (dy, { a, b }) => turned(dy, a, b).negated()] }
  rules[Op.Less] = never
  rules[Op.LessEqual] = never
  rules[Op.Equal] = never
  rules[Op.Where] = {
    pulls: [null, (dy, { a }) => dy.where(a), (dy, { a }) => dy.unless(a)],
    isFlat: isFlatOrStill('b', 'c')
  }
  rules[Op.Sum] = { pulls: [throughout], isFlat: isFlatFirst }
  rules[Op.SumSquares] = { pulls: [(dy, { a }) => dy.times(2).times(a)], isFlat: () => true }
  rules[Op.Dot] = {
    pulls: [(dy, { b }) => dy.times(b), (dy, { a }) => dy.times(a)],
    isFlat: ({ a, b }) => a === b
  }
  rules[Op.MinOf] = { pulls: [chosen], isFlat: isFlatFirst }
  rules[Op.MaxOf] = { pulls: [chosen], isFlat: isFlatFirst }
  rules[Op.Reduce] = {
    pulls: [(dy, done) => (isSum(done) ? stretched(dy, done) : chosenAlong(dy, done))],
    isFlat: isFlatFirst
  }
  rules[Op.Broadcast] = { pulls: [gathered], isFlat: isFlatFirst }
  rules[Op.Reshape] = {
    pulls: [(dy, { a }) => rearranged(dy, (x) => reshape(x, (a as Expr).shape))],
    isFlat: isFlatFirst
  }
  rules[Op.Permute] = {
    pulls: [
      (dy, { detail }) => {
        const { order } = detail as Permutation
        return rearranged(dy, (x) =>
          transpose(
            x,
            order.map((_, axis) => order.indexOf(axis))
          )
        )
      }
    ],
    isFlat: isFlatFirst
  }
  rules[Op.Matmul] = {
    pulls: [
      (dy, { y, a, b, detail }) => firstOfProduct(dy, { y, a: a as Expr, b: b as Expr, product: detail as Product }),
      (dy, { y, a, b, detail }) => secondOfProduct(dy, { y, a: a as Expr, b: b as Expr, product: detail as Product })
    ]
  }
  return rules
}

const rules = /* @__PURE__ */ allRules()

/** How an operation is differentiated; `undefined` for one that is given its own derivative, or has none. */
export const derivativeOf = (op: number): Rule | undefined => rules[op]
