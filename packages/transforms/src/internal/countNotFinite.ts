import { isFinite, read, sub, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** How many elements are NaN or infinite; read on the host. */
export const countNotFinite = (values: Tree): number => {
  // A finite sum has finite terms: in the ordinary case one cheap reduction settles it.
  if (Number.isFinite(read(tree.sum(values)))) return 0
  return read(tree.sum(tree.map((x) => sub(1, isFinite(x)), values)))
}
