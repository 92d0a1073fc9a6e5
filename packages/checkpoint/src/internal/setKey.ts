import { show } from '@gradchain/core'
import type { Refuse } from './attempt.js'

/** Puts a field that a file names into an object that is being built: a name twice is refused, and so is `__proto__`. */
export const setKey = <T>(refuse: Refuse, entry: string, object: Record<string, T>, key: string, value: T): void => {
  if (key === '__proto__') refuse('refused', entry, 'without a key __proto__', 'one')
  if (Object.hasOwn(object, key)) refuse('malformed', entry, 'without a key twice', `${show(key)} twice`)
  object[key] = value
}
