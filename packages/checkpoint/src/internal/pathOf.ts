import { placeOf } from './placeOf.js'

/** The keys from the root to a node; the items of arrays have numbers. */
export type Keys = readonly (string | number)[]

/** Where something stands in a tree, as it reads in messages: `tree[0].mu["a b"]`. */
export const pathOf = (keys: Keys): string => `tree${placeOf(keys)}`

/**
 * Names for the arrays of a tree, unique among them: the keys with dots between, as PyTorch has it, `layers.0.kernel`. Where two places
 * have one name, as `{ 'a.b': … }` and `{ a: { b: … } }`, the later one gets an underscore at its end. The same tree gives the same names.
 */
export const namesFor = (): ((keys: Keys) => string) => {
  const taken = new Set(['__metadata__', '__proto__'])
  return (keys) => {
    let name = keys.join('.')
    while (taken.has(name)) name += '_'
    taken.add(name)
    return name
  }
}
