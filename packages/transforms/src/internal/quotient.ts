import { div, equal, type Operand, type Value, where } from '@gradchain/core'

/** g / length; g itself where it is 0, also when the length is 0, or is rounded to it in the dtype of g. */
export const quotient = (g: Operand, length: Value): Value =>
  where(equal(g, 0), g, div(g, where(equal(length, 0), 1, length)))
