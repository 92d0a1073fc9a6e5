import { mul, type Operand, sign, square, sub, type Value } from '@gradchain/core'

/** The second moment of Yogi: it goes towards g² by a share of g², however far that is away. */
export const steadied = (g: Operand, v: Operand, b2: number): Value => {
  const squared = square(g)
  return sub(v, mul(mul(1 - b2, sign(sub(v, squared))), squared))
}
