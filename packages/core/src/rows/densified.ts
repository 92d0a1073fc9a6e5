// Sparse rows among gradients become arrays at the outer edge, so that nothing has to know of them.
import { GO_ON, rebuildBeside } from '../algebra/rebuildBeside.js'
import { Kind } from '../array/dtype.js'
import { InvalidTree } from '../errors.js'
import { Expr } from '../expression/expr.js'
import type { Tree } from '../transformation/types.js'
import { written } from '../tree/path.js'
import { isContainer } from '../tree/tree.js'
import { spread } from './denseRows.js'
import type { Densify } from './densify.js'
import { flawOfRows, isSparseRows } from './flawOfRows.js'
import { summedRows } from './summedRows.js'

/**
 * Gradients with arrays in place of sparse rows.
 *
 * @throws InvalidTree with the path, for rows that are malformed or stand for a number.
 */
export const densified: Densify = (owner, grads, params) => {
  if (!hasRows(grads)) return { grads, touched: null }
  const touched = new Map<string, Int32Array>()
  const dense = rebuildBeside(owner, [grads, params], ([grad, param], path) => {
    if (!isSparseRows(grad)) return isContainer(grad) ? GO_ON : grad
    const place = written(path)
    if (typeof param === 'number' || (param instanceof Expr && param.kind === Kind.Scalar)) {
      throw new InvalidTree(`${owner}: grads${place} is sparse rows, params is a number, which has none`)
    }
    const flaw = flawOfRows(grad)
    if (flaw !== undefined) {
      throw new InvalidTree(`${owner}: grads${place}.${flaw.name} must be ${flaw.wanted}, got ${flaw.got}`)
    }
    const rows = summedRows(grad)
    touched.set(place, rows.indices)
    return spread(rows, grad.shape)
  })
  return { grads: dense as Tree, touched }
}

/** Whether there are sparse rows in a tree; what goes wrong in looking for them went wrong before. */
const hasRows = (tree: unknown): boolean => {
  try {
    const pending = [tree]
    const seen = new Set<unknown>()
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (!isContainer(node) || seen.has(node)) continue
      if (isSparseRows(node)) return true
      seen.add(node)
      for (const child of Object.values(node)) if (isContainer(child)) pending.push(child)
    }
  } catch {
    // A getter throws: where it stands is told when the leaves are looked at.
  }
  return false
}
