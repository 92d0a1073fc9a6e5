import { Kind } from '../array/dtype.js'
import { InvalidState, InvalidTree, show } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { walk } from '../tree/tree.js'
import { fit, isForeign, liftAt } from './edge.js'

/** The numbers that count, by their names: `count`, `miniStep`, `goodSteps`, `totalNotfinite`, `stepsSinceSync` … */
const COUNT = /(?:count|steps?|notfinite|averaged|sinceSync|skipped)$/i

/**
 * Refuses a state that does not have the structure, shapes and dtypes of a fresh one, and counts that are no whole numbers.
 * What is neither number nor array is compared by its type, and the states of transformations that are not ours are left
 * alone. The params are needed to tell a count from what is kept for a param of that name.
 */
export const checkState = (fresh: unknown, state: unknown, params: unknown, owner = 'update'): void => {
  try {
    walk(
      owner,
      ['a fresh state', 'state'],
      [fresh, state],
      ([expected, given], path) => comparePart(owner, expected, given, path, params),
      {
        isLeaf: isForeign
      }
    )
  } catch (error) {
    if (!(error instanceof InvalidTree)) throw error
    const hint = /state\S* is (?:\[|an object,).* has (?:a Float\d\dArray|an NdArray)$/.test(error.message)
      ? 'did it go through JSON, which does not keep arrays?'
      : 'was it made by another transformation, or for other params?'
    throw new InvalidState(`${error.message}; ${hint}`)
  }
}

const comparePart = (owner: string, expected: unknown, given: unknown, path: () => string, params: unknown): null => {
  const name = `${owner}: state`
  if (expected instanceof Expr) {
    const part = liftAt(given, name, path)
    fit(part, expected, name, path, 'a fresh one')
  } else if (typeof expected !== 'object' && typeof expected !== typeof given && !isLazy(expected, given)) {
    throw new InvalidTree(`${name}${path()} must be a ${typeof expected}, got ${show(given)}`)
  } else if (isWhole(expected) && typeof given === 'number' && !isWhole(given) && isCount(path(), params)) {
    throw new InvalidState(`${name}${path()} must be a whole number ≥ 0, got ${show(given)}`)
  }
  return null
}

/** Whether a number is not known yet. */
const isLazy = (expected: unknown, given: unknown): boolean =>
  typeof expected === 'number' && given instanceof Expr && given.kind === Kind.Scalar

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** Whether a number of a state counts something: by its name, when no param has that name. */
const isCount = (place: string, params: unknown): boolean => {
  if (!COUNT.test(place)) return false
  let isOfParam = false
  walk('update', ['params'], [params], (_, path) => {
    isOfParam ||= place.endsWith(path())
    return null
  })
  return !isOfParam
}
