import { abs, greaterEqual, mean, mul, type Operand, where } from '@gradchain/core'
import { hasElements } from './kept.js'

/** The signs of a leaf, all in one size, the mean of its magnitudes; that of 0 is +. A number stays what it is. */
export const inOneSize = (x: Operand): Operand =>
  hasElements(x) ? mul(mean(abs(x)), where(greaterEqual(x, 0), 1, -1)) : x
