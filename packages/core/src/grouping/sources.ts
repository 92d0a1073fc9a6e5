import type { Data } from '../array/dtype.js'
import { dataOf, type Structure } from './layout.js'
import { leavesAlike } from './pattern.js'

/**
 * Collects the arrays of a tree of a structure whose leaves are arrays; `false` when it may be another tree. What goes wrong when it is
 * read, such as a getter that throws, is told by who reads it the thorough way.
 */
export const sourcesOf = ({ tree, forms }: Structure, given: unknown, into: Data[]): boolean => {
  const found: unknown[] = []
  try {
    return (
      leavesAlike(tree, given, found) &&
      forms.every((form, i) => {
        const data = dataOf(found[i], form.kind, form)
        return data !== null && into.push(data) > 0
      })
    )
  } catch {
    return false
  }
}
