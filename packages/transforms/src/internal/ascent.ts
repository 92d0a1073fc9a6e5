import { mul, type Operand, sub, type Tree, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { quotient } from './quotient.js'

/** A direction in the length ρ, all leaves together; 0 stays 0. */
export const ofLength = (rho: number, direction: Tree): Tree<Value> => {
  const length = tree.norm(direction)
  return tree.map((d: Operand): Value => mul(rho, quotient(d, length)), direction)
}

/** The part of one vector across another, all leaves together; all of it where the other is 0. */
export const across = (vector: Tree, other: Tree): Tree<Value> => {
  const unit = ofLength(1, other)
  const along = tree.vdot(vector, unit)
  return tree.map((x: Operand, u: Operand): Value => sub(x, mul(along, u)), vector, unit)
}
