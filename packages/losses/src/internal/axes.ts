import {
  broadcast,
  Expr,
  InvalidOption,
  InvalidTree,
  maxOf,
  type Operand,
  reshape,
  shapeOf,
  show,
  sum,
  type Value,
  withDefaults
} from '@gradchain/core'
import { arrayOf, isSameShape } from './operands.js'

/** Options of a loss that adds up along axes. */
export interface AxisOptions {
  /** The axis that is added up along, counted from the end where it is below 0; several, or `null` for all. @defaultValue `-1` */
  readonly axis?: number | readonly number[] | null | undefined
  /**
   * Which elements count: those where this is not 0. Shaped like the first argument, or like it without the axes that are added up
   * along. What does not count may be anything, NaN too. @defaultValue all of them
   */
  readonly where?: Operand | undefined
}

/** An array, the axes that are added up along, and which elements count. */
export interface Along {
  readonly x: Expr
  readonly shape: readonly number[]
  readonly axes: readonly number[]
  readonly mask: Expr | null
}

/** The axes as whole numbers ≥ 0, in the order given. */
export const axesOf = (owner: string, axis: unknown, shape: readonly number[]): readonly number[] => {
  const rank = shape.length
  if (axis === null) return shape.map((_, i) => i)
  const given: readonly unknown[] = Array.isArray(axis) ? axis : [axis]
  const isAxis = (i: unknown): i is number => Number.isInteger(i) && (i as number) >= -rank && (i as number) < rank
  const axes = given.filter(isAxis).map((i) => (i < 0 ? i + rank : i))
  if (axes.length === given.length && new Set(axes).size === axes.length) return axes
  const what = `a whole number from ${-rank} to ${rank - 1} for shape ${show(shape)}, a list of different ones, or null`
  throw new InvalidOption(`${owner}: axis must be ${what}, got ${show(axis)}`)
}

/** The array that `where` is, in the given shape: it may lack the axes that are added up along. */
const maskOf = (owner: string, where: Operand | undefined, shape: readonly number[], axes: readonly number[]) => {
  if (where === undefined) return null
  const mask = arrayOf(owner, 'where', where)
  const own = shapeOf(mask)
  if (isSameShape(own, shape)) return mask
  if (isSameShape(own, restOf(shape, axes))) return stretched(reshape(mask, keptOf(shape, axes)), shape)
  const either = `${show(shape)} or ${show(restOf(shape, axes))}`
  throw new InvalidTree(`${owner}: where must have shape ${either}, got ${show(own)}`)
}

/**
 * The first argument of a loss, with its options.
 *
 * @throws InvalidTree for a number and for a mask that does not fit, InvalidOption for an axis that there is not.
 */
export const along = (owner: string, name: string, x: Operand, options: AxisOptions): Along => {
  const { axis, where } = withDefaults<AxisOptions>(owner, options, { axis: -1, where: undefined })
  const array = arrayOf(owner, name, x)
  const shape = shapeOf(array)
  const axes = axesOf(owner, axis, shape)
  return { x: array, shape, axes, mask: maskOf(owner, where, shape, axes) }
}

/** A shape with length 1 along some axes. */
export const keptOf = (shape: readonly number[], axes: readonly number[]): readonly number[] =>
  shape.map((length, i) => (axes.includes(i) ? 1 : length))

/** A shape without some axes. */
export const restOf = (shape: readonly number[], axes: readonly number[]): readonly number[] =>
  shape.filter((_, i) => !axes.includes(i))

/** An array with length 1 along some axes, repeated along them. */
export const stretched = (x: Value, shape: readonly number[]): Expr => broadcast(x, shape) as Expr

/** An array that has length 1 along some axes, without them; a vector where one axis is left, a lazy number where none is. */
export const squeezed = (x: Value, axes: readonly number[]): Value => {
  if (!(x instanceof Expr) || x.isScalar) return x
  const rest = restOf(shapeOf(x), axes)
  if (rest.length === 0) return sum(x)
  return reshape(x, rest.length === 1 ? null : rest)
}

/** The sum along some axes, without them. */
export const totalOf = (x: Value, axes: readonly number[]): Value => {
  if (!(x instanceof Expr) || x.isScalar) return x
  return axes.length === shapeOf(x).length ? sum(x) : squeezed(sum(x, axes), axes)
}

/** 1 where some element along the axes counts, without them. */
export const anyOf = (mask: Expr, axes: readonly number[]): Value => squeezed(maxOf(mask, axes), axes)
