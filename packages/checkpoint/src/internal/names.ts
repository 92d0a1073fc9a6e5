import { InvalidTree, isContainer, show } from '@gradchain/core'
import type { Tensor } from '../tensor.js'
import type { Refuse } from './attempt.js'
import { MAX_DEPTH } from './limits.js'
import { setKey } from './setKey.js'
import { tensorFrom } from './tensorFrom.js'

/** An object of objects, with values where they end. */
export interface Nested<T> {
  readonly [key: string]: T | Nested<T>
}

type Building<T> = { [key: string]: T | Building<T> }

/** Values under names such as `body/kernel` as objects in objects; what is a value and has others below it is refused. */
export const nested = <T>(refuse: Refuse, entry: string, values: Iterable<readonly [string, T]>): Nested<T> => {
  const root: Building<T> = {}
  // Which objects are inner ones: values are objects, too.
  const inner = new Map<unknown, Building<T>>()
  const below = (at: Building<T>, key: string, name: string): Building<T> => {
    if (!Object.hasOwn(at, key)) {
      const made: Building<T> = {}
      setKey(refuse, entry, at, key, made)
      inner.set(made, made)
      return made
    }
    return (
      inner.get(at[key]) ?? refuse('malformed', entry, 'with arrays or names below a name', `both at ${show(name)}`)
    )
  }
  for (const [name, value] of values) {
    const keys = name.split('/')
    if (keys.length > MAX_DEPTH) refuse('tooLarge', entry, `at most ${MAX_DEPTH} levels deep`, `${keys.length}`)
    const last = keys.pop() as string
    const at = keys.reduce((object, key) => below(object, key, name), root)
    setKey(refuse, entry, at, last, value)
  }
  return root
}

/** The tensors of a tree under names that {@link nested} takes apart again; `null` is left out. */
export const named = (owner: string, tree: unknown): readonly (readonly [string, Tensor])[] => {
  const found: (readonly [string, Tensor])[] = []
  const visit = (keys: readonly string[], value: unknown): void => {
    const place = keys.length === 0 ? 'the tree' : show(keys.join('/'))
    if (keys.length > MAX_DEPTH) throw new InvalidTree(`${owner}: the tree must be at most ${MAX_DEPTH} levels deep`)
    if (value === null) return
    const tensor = tensorFrom(value)
    if (tensor !== undefined && keys.length > 0) {
      found.push([keys.join('/'), tensor])
      return
    }
    if (tensor !== undefined || !isContainer(value)) {
      const wanted = keys.length === 0 ? 'an object of tensors' : 'a tensor or a number'
      throw new InvalidTree(`${owner}: ${place} must be ${wanted}, got ${show(value)}`)
    }
    for (const [key, child] of Object.entries(value)) {
      if (/\p{Surrogate}/u.test(key)) {
        throw new InvalidTree(`${owner}: the keys of ${place} must be text that UTF-8 can hold, got ${show(key)}`)
      }
      if (key.includes('/') || key === '__proto__') {
        throw new InvalidTree(
          `${owner}: the keys of ${place} must have no slash and not be __proto__, got ${show(key)}`
        )
      }
      visit([...keys, key], child)
    }
  }
  visit([], tree)
  return found
}
