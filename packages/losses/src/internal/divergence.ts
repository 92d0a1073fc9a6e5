import { equal, log, mul, type Operand, sub, type Value, where } from '@gradchain/core'
import { lifted } from './operands.js'

/** Σ t (log t − log p), term by term: 0 where t is 0, and flat there. */
export const divergenceTerms = (logPredictions: Value, targets: Operand): Value => {
  const t = lifted(targets)
  return where(equal(t, 0), 0, mul(t, sub(log(t), logPredictions)))
}
