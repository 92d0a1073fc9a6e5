import { InvalidTree, show } from '../errors.js'
import { Expr, type Operand, shapeOf } from '../expression/expr.js'
import { lift } from '../expression/operations.js'

const arrayOfRank = (owner: string, what: string, operand: Operand, fits: (rank: number) => boolean): Expr => {
  const x = lift(operand)
  if (!(x instanceof Expr) || x.isScalar) throw new InvalidTree(`${owner}: ${what}, got a number`)
  if (!fits(shapeOf(x).length)) throw new InvalidTree(`${owner}: ${what}, got an array of shape ${show(shapeOf(x))}`)
  return x
}

/** The node of a matrix, or of a batch of them. */
export const matrixOf = (owner: string, name: string, operand: Operand): Expr =>
  arrayOfRank(owner, `${name} must be a matrix, or a batch of them`, operand, (rank) => rank >= 2)

/** The node of an array of one axis. */
export const vectorOf = (owner: string, name: string, operand: Operand): Expr =>
  arrayOfRank(owner, `${name} must be a vector`, operand, (rank) => rank === 1)
