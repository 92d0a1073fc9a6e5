import {
  abs,
  add,
  boolean,
  castLike,
  check,
  div,
  type Expr,
  exp,
  greater,
  InvalidOption,
  InvalidTree,
  maxOf,
  mean,
  minOf,
  mul,
  nonNegative,
  type Operand,
  oneOf,
  read,
  reshape,
  shapeOf,
  show,
  sub,
  sum,
  type Value
} from '@gradchain/core'
import { along, squeezed, stretched } from './axes.js'
import { sigmoid } from './logistic.js'
import { arrayOf, isSameShape } from './operands.js'
import { picked } from './picked.js'
import { logSoftmaxOf } from './softmax.js'

/** How the overlap of one class is counted. */
export interface Overlap {
  readonly smooth: number
  readonly alpha: number
  readonly beta: number
  readonly applySoftmax: boolean
  readonly ignoreBackground: boolean
  readonly reduction: 'mean' | 'sum' | 'none'
}

/** How far the sum of probabilities may be from 1. */
const ROUNDING = 1e-5

/** Predictions and targets as arrays whose last axis is that of the classes: either may lack it where there is one class. */
export const pairOf = (owner: string, predictions: Operand, targets: Operand): readonly [Expr, Expr] => {
  const given = [arrayOf(owner, 'predictions', predictions), arrayOf(owner, 'targets', targets)] as const
  const [p, t] = [shapeOf(given[0]), shapeOf(given[1])]
  const withClass = (x: Expr): Expr => reshape(x, [...shapeOf(x), 1])
  const pair: readonly [Expr, Expr] = [
    p.length === t.length - 1 ? withClass(given[0]) : given[0],
    t.length === p.length - 1 ? withClass(given[1]) : given[1]
  ]
  if (isSameShape(shapeOf(pair[0]), shapeOf(pair[1])) && p.length > 0) return pair
  throw new InvalidTree(`${owner}: targets has shape ${show(t)}, predictions has ${show(p)}`)
}

const probabilitiesOf = (owner: string, x: Expr, applySoftmax: boolean): Value => {
  const classes = shapeOf(x).at(-1)
  if (applySoftmax) return classes === 1 ? sigmoid(x) : exp(logSoftmaxOf(along(owner, 'predictions', x, {})))
  // What is NaN is not refused: numbers that went wrong are data.
  const sums = classes === 1 ? x : sum(x, [shapeOf(x).length - 1])
  const isOff = classes === 1 ? greater(abs(sub(x, 0.5)), 0.5) : greater(abs(sub(sums, 1)), ROUNDING)
  if (read(maxOf(isOff)) !== 1) return x
  const what = classes === 1 ? 'in [0, 1]' : 'probabilities that sum up to 1 along the last axis'
  const range = `${classes === 1 ? 'numbers' : 'sums'} from ${read(minOf(sums))} to ${read(maxOf(sums))}`
  throw new InvalidOption(`${owner}: predictions must be ${what}, got ${range}`)
}

/** The loss of each class, weighted, reduced along the classes. */
export const diceOf = (
  owner: string,
  predictions: Expr,
  targets: Expr,
  axes: readonly number[],
  weights: Value | null,
  { smooth, alpha, beta, applySoftmax, ignoreBackground, reduction }: Overlap
): Value => {
  const probabilities = probabilitiesOf(owner, predictions, applySoftmax)
  const truth = castLike(targets, probabilities)
  const both = sum(mul(probabilities, truth), axes)
  const missed = sub(sum(truth, axes), both)
  const wrong = sub(sum(probabilities, axes), both)
  const coefficient = div(add(both, smooth), add(add(both, smooth), add(mul(alpha, wrong), mul(beta, missed))))
  const kept = sub(1, coefficient) as Expr
  const last = shapeOf(kept).length - 1
  const weighted = weights === null ? kept : mul(kept, stretched(weightRow(weights, last), shapeOf(kept)))
  const counting = ignoreBackground ? withoutFirst(weighted as Expr) : weighted
  if (reduction === 'none') return squeezed(counting, axes)
  return squeezed((reduction === 'mean' ? mean : sum)(counting, [last]), [...axes, last])
}

const weightRow = (weights: Value, last: number): Expr =>
  reshape(weights, [...new Array<number>(last).fill(1), shapeOf(weights)[0] as number])

/** Without the first class, where there are more. */
const withoutFirst = (x: Expr): Expr => {
  const shape = shapeOf(x)
  const classes = shape.at(-1) as number
  if (classes < 2) return x
  const left = [...shape.slice(0, -1), classes - 1]
  const places = Int32Array.from({ length: (x.size / classes) * (classes - 1) }, (_, i) => {
    return Math.floor(i / (classes - 1)) * classes + 1 + (i % (classes - 1))
  })
  return picked(x, places, left)
}

/** The axes between the first, of the batch, and the last, of the classes. */
export const spatialAxes = (shape: readonly number[]): readonly number[] => shape.map((_, i) => i).slice(1, -1)

/** Refuses options that are out of range. */
export const checkOverlap = (owner: string, { smooth, alpha, beta, ...others }: Overlap): void => {
  check(owner, { smooth, alpha, beta }, nonNegative)
  check(owner, { reduction: others.reduction }, oneOf('mean', 'sum', 'none'))
  check(owner, { applySoftmax: others.applySoftmax, ignoreBackground: others.ignoreBackground }, boolean)
}
