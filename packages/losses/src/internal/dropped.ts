import {
  broadcast,
  check,
  div,
  Expr,
  InvalidOption,
  inClosedUnitInterval,
  type Key,
  type NdArray,
  type Operand,
  shapeOf,
  show,
  type Value,
  where,
  zerosLike
} from '@gradchain/core'
import * as random from '@gradchain/core/random'

/**
 * x / (1 − rate) where a mask is 1, else 0; the mask is drawn for a shape that stretches to that of x. Its mean over all keys is x.
 */
export const dropped = (owner: string, key: Key, x: Operand, rate: number, shape: readonly number[]): Value => {
  check(owner, { rate }, inClosedUnitInterval)
  // Drawn in any case, so that what is no key is always refused.
  const mask = random.bernoulli(key, shape, { p: 1 - rate })
  if (rate === 1) return zerosLike(x)
  const kept = div(x, 1 - rate)
  return where(stretched(mask, x), kept, 0)
}

/** A mask in the shape of an array. */
const stretched = (mask: NdArray, x: Operand): Operand => {
  const shape = shapeOf(x)
  if (typeof x === 'number' || (x instanceof Expr && x.isScalar)) return mask.data[0] as number
  return shape.every((n, axis) => n === mask.shape[axis]) ? mask : broadcast(mask, shape)
}

/** The place of an axis that may be counted from the end. */
export const axisOf = (owner: string, name: string, axis: number, x: Operand): number => {
  const rank = shapeOf(x).length
  const place = axis < 0 ? rank + axis : axis
  if (Number.isInteger(axis) && place >= 0 && place < rank) return place
  throw new InvalidOption(`${owner}: ${name} must be an axis of shape ${show(shapeOf(x))}, got ${show(axis)}`)
}

/** The lengths of some axes, and 1 along the others. */
export const along = (x: Operand, axes: readonly number[]): readonly number[] =>
  shapeOf(x).map((n, axis) => (axes.includes(axis) ? n : 1))
