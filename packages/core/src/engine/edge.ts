import { withTape } from '../expression/tape.js'
import { unwatched } from '../watch.js'
import { withAskedEngine } from './chosen.js'

let depth = 0
let inner = 0
/** What is to be done when the outermost one has ended. */
const ends: (() => void)[] = []

/** How many evaluations, from arrays to arrays, were made within others so far. */
export const innerEvaluations = (): number => inner

/** Whether one is under way that is not within another. */
export const isOutermost = (): boolean => depth === 1

/** Has something done when the outermost evaluation has ended, however it has: nothing lazy is left of it then. */
export const atEnd = (act: () => void): void => {
  ends.push(act)
}

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
    if (depth === 0 && ends.length > 0) for (const act of ends.splice(0)) act()
  }
}
