import { castLike, Expr, InvalidTree, type Operand, shapeOf, show, type Value } from '@gradchain/core'

/** The expression, or the number, of an operand. */
// Like a number, an operand is only lifted.
export const lifted = (x: Operand): Value => castLike(x, 0)

/**
 * The expression of an array.
 *
 * @throws InvalidTree for a number.
 */
export const arrayOf = (owner: string, name: string, x: Operand): Expr => {
  const value = lifted(x)
  if (value instanceof Expr && !value.isScalar) return value
  throw new InvalidTree(`${owner}: ${name} must be an array, got a number`)
}

/**
 * The expression of an array of some rank.
 *
 * @throws InvalidTree for a number and for an array of another rank.
 */
export const arrayOfRank = (owner: string, name: string, x: Operand, rank: number): Expr => {
  const array = arrayOf(owner, name, x)
  const shape = shapeOf(array)
  if (shape.length === rank) return array
  throw new InvalidTree(`${owner}: ${name} must be an array of ${rank} axes, got shape ${show(shape)}`)
}

const isArray = (x: Operand): boolean => typeof x !== 'number' && !(x instanceof Expr && x.isScalar)

/** Whether two shapes are the same. */
export const isSameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis])

/**
 * Refuses arrays of different shapes; a number fits every array.
 *
 * @throws InvalidTree with the names and both shapes.
 */
export const checkFit = (owner: string, operands: Readonly<Record<string, Operand>>): void => {
  const [first, ...others] = Object.entries(operands).filter(([, x]) => isArray(x))
  if (first === undefined) return
  const [name, x] = first
  const shape = shapeOf(x)
  for (const [other, y] of others) {
    if (isSameShape(shapeOf(y), shape)) continue
    throw new InvalidTree(`${owner}: ${other} has shape ${show(shapeOf(y))}, ${name} has ${show(shape)}`)
  }
}
