import { mul, type Operand, type Value, where } from '@gradchain/core'
import { type Along, totalOf } from './axes.js'
import { surpriseOf } from './softmax.js'

/** −Σ y log softmax(x) of those that count. */
export const crossEntropyOf = (of: Along, labels: Operand): Value => {
  const terms = mul(labels, surpriseOf(of))
  return totalOf(of.mask === null ? terms : where(of.mask, terms, 0), of.axes)
}
