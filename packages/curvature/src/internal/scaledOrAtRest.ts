import { fullLike, mul, type Operand, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** The updates times a rate. Where there is none it is −0, to which params may be added without a bit of them changing. */
export const scaledOrAtRest = (rate: number, updates: Tree): Tree =>
  tree.map((u: Operand): Operand => (rate === 0 ? fullLike(u, -0) : mul(rate, u)), updates)
