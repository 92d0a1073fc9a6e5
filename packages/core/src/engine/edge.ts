import { withTape } from '../expression/tape.js'
import { unwatched } from '../watch.js'
import { withAskedEngine } from './chosen.js'

let depth = 0
let inner = 0

/** How many evaluations, from arrays to arrays, were made within others so far. */
export const innerEvaluations = (): number => inner

/**
 * Makes an evaluation from arrays to arrays. One within another, such as a step of another optimizer in a schedule, has nothing
 * to do with that one: neither with its tape nor with its engine.
 */
export const evaluation = <T>(run: () => T): T => {
  if (depth > 0) inner += 1
  depth += 1
  try {
    return depth === 1 ? run() : unwatched(() => withTape(null, () => withAskedEngine(run)))
  } finally {
    depth -= 1
  }
}
