import { div, type Operand, sqrt, sumSquares, tree, type Value } from '@gradchain/core'

/** √(Σx² / n), of all elements of a leaf. */
export const rms = (x: Operand): Value => sqrt(div(sumSquares(x), tree.size(x)))
