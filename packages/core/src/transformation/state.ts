import { InvalidState, InvalidTree, show } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { walk } from '../tree/tree.js'
import { fit, isForeign, liftAt } from './edge.js'

/**
 * Refuses a state that does not have the structure, shapes and dtypes of a fresh one. What is neither number nor array is
 * compared by its type, and the states of transformations that are not ours are left alone.
 */
export const checkState = (fresh: unknown, state: unknown): void => {
  try {
    walk(
      'update',
      ['a fresh state', 'state'],
      [fresh, state],
      ([expected, given], path) => comparePart(expected, given, path),
      {
        isLeaf: isForeign
      }
    )
  } catch (error) {
    if (!(error instanceof InvalidTree)) throw error
    // In a fresh state every array is still an expression.
    const message = error.message.replace(/ an Expr$/, ' an array')
    throw new InvalidState(`${message}; was it made by another transformation, or for other params?`)
  }
}

const comparePart = (expected: unknown, given: unknown, path: () => string): null => {
  if (expected instanceof Expr) {
    const part = liftAt(given, () => `update: state${path()}`)
    fit(part, expected, () => [`update: state${path()}`, 'a fresh one'])
  } else if (typeof expected !== 'object' && typeof expected !== typeof given) {
    throw new InvalidTree(`update: state${path()} must be a ${typeof expected}, got ${show(given)}`)
  }
  return null
}
