import { div, type Operand, sqrt, sumSquares, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** √(Σx² / n), of all elements of a leaf. */
export const rms = (x: Operand): Value => sqrt(div(sumSquares(x), tree.size(x)))
