import {
  cast,
  Expr,
  force,
  InvalidOption,
  InvalidTree,
  type NdArray,
  ndarray,
  type Operand,
  shapeOf,
  show
} from '@gradchain/core'
import { restOf } from './axes.js'
import { isSameShape, lifted } from './operands.js'

/**
 * Whole numbers, each the number of a class, counted from 0: a list, an array of any type, or an expression, which is evaluated
 * when the loss is called.
 */
export type ClassLabels = Operand | ArrayLike<number>

/** Numbers that are known, with their shape. */
export interface Known {
  readonly shape: readonly number[]
  readonly numbers: ArrayLike<number>
}

const isList = (x: ClassLabels): x is ArrayLike<number> => Array.isArray(x) || ArrayBuffer.isView(x)

/** The numbers of a list, of an array, or of an expression. */
export const knownOf = (x: ClassLabels): Known => {
  if (isList(x)) return { shape: [x.length], numbers: x }
  const value = lifted(x)
  const found = force(cast(value, 'float64')) as number | Float64Array | NdArray
  const numbers = typeof found === 'number' ? [found] : 'data' in found ? found.data : found
  return { shape: value instanceof Expr ? shapeOf(value) : [], numbers }
}

/** Where an element stands: `[2][0]`. */
const placeOf = (at: number, shape: readonly number[]): string => {
  let rest = at
  const indices = shape.map((_, axis) => {
    const size = shape.slice(axis + 1).reduce((product, length) => product * length, 1)
    const index = Math.floor(rest / size)
    rest -= index * size
    return `[${index}]`
  })
  return indices.join('')
}

/**
 * Refuses numbers that are not what they must be.
 *
 * @throws InvalidOption for the first that is not, with its place.
 */
export const checkNumbers = (
  owner: string,
  name: string,
  { shape, numbers }: Known,
  what: string,
  holds: (x: number, at: number) => boolean
): void => {
  for (let i = 0; i < numbers.length; i++) {
    const x = numbers[i] as number
    if (!holds(x, i)) throw new InvalidOption(`${owner}: ${name}${placeOf(i, shape)} must be ${what}, got ${show(x)}`)
  }
}

/** Whether a number is that of one of so many classes. */
export const isClass = (x: number, classes: number): boolean => Number.isInteger(x) && x >= 0 && x < classes

/** What a class must be, in words. */
export const aClass = (classes: number): string => `a whole number from 0 to ${classes - 1}`

/**
 * For an array of scores with its classes along some axes, 1 where the class of the label is, else 0, in the dtype of the scores.
 *
 * @throws InvalidTree for labels of another shape than that of the scores without these axes, InvalidOption for one that is the
 * number of no class.
 */
export const oneHotOf = (owner: string, labels: ClassLabels, scores: Expr, axes: readonly number[]): NdArray => {
  const shape = shapeOf(scores)
  const known = knownOf(labels)
  const rest = restOf(shape, axes)
  if (!isSameShape(known.shape, rest)) {
    const wanted = `${show(rest)} for scores of shape ${show(shape)}`
    throw new InvalidTree(`${owner}: labels must have shape ${wanted}, got ${show(known.shape)}`)
  }
  const classes = axes.reduce((product, axis) => product * (shape[axis] as number), 1)
  checkNumbers(owner, 'labels', known, aClass(classes), (x) => isClass(x, classes))
  const data = new (scores.dtype === 'float64' ? Float64Array : Float32Array)(scores.size)
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
  const offset = (index: number, along: readonly number[]): number => {
    let left = index
    return along.reduceRight((total, axis) => {
      const length = shape[axis] as number
      const at = left % length
      left = (left - at) / length
      return total + at * (strides[axis] as number)
    }, 0)
  }
  const others = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  for (let i = 0; i < known.numbers.length; i++) data[offset(i, others) + offset(known.numbers[i] as number, axes)] = 1
  return data instanceof Float64Array ? ndarray(data, shape) : ndarray(data, shape)
}
