import type { Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Measure } from '../monitoring/measure.js'

/** What is measured before there are updates: those of zero. It says which form measurements have. */
export const measuredAtInit = (measure: Measure, params: Tree): Tree => {
  const measured = measure(tree.zerosLike(params), params)
  // Numbers and arrays alone are measurements.
  return tree.castLike(measured, measured)
}

/** A measurement in the form and the dtypes of the one before: what is pending may be wider than what is stored. */
export const measuredLike = (measured: Tree, before: unknown): Tree => tree.castLike(measured, before as Tree)
