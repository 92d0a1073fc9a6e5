import { mul, type Operand, sub, type Value } from '@gradchain/core'

/** (1 + b0) m − b0 m′, over the length of the two weights: momentum m less that of the step before, m′. */
export const positiveNegative = (b0: number): ((m: Operand, before: Operand) => Value) => {
  const length = Math.sqrt((1 + b0) * (1 + b0) + b0 * b0)
  return (m, before) => sub(mul((1 + b0) / length, m), mul(b0 / length, before))
}
