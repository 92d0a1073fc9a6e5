import { add, biasCorrection, mul, type Operand, type Value } from '@gradchain/core'

/** The first moment m made up for its start, m̂; when nesterov that of one step later, mixed with the gradient. */
export const debiasedMean = (g: Operand, m: Operand, b1: number, count: number, nesterov: boolean): Value =>
  nesterov
    ? add(mul(b1, biasCorrection(m, b1, count + 1)), mul(1 - b1, biasCorrection(g, b1, count)))
    : biasCorrection(m, b1, count)
