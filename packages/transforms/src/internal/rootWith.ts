import { add, type Operand, sqrt, type Value } from '@gradchain/core'

/** √(x + eps) or √x + eps: a divisor that is not zero. */
export const rootWith = (x: Operand, eps: number, epsInSqrt: boolean): Value =>
  epsInSqrt ? sqrt(add(x, eps)) : add(sqrt(x), eps)
