import { Expr, shapeOf } from '../expression/expr.js'
import type { Tree } from '../transformation/types.js'
import { walk } from '../tree/tree.js'
import { touchedRows } from './touchedRows.js'
import type { TouchedRows } from './types.js'

/** Which rows have a gradient, of params in these trees that do not have one for all of them. */
export const fewerRows = (updates: Tree, params: Tree): TouchedRows => {
  const fewer = new Map<string, Int32Array>()
  const touched = touchedRows()
  if (touched === null) return fewer
  walk('update', ['params', 'updates'], [params, updates], ([param], path) => {
    const rows = touched.get(path())
    if (rows !== undefined && param instanceof Expr && rows.length < (shapeOf(param)[0] ?? 0)) fewer.set(path(), rows)
    return null
  })
  return fewer
}
