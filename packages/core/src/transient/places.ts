import { isNdArray } from '../array/ndarray.js'
import { isContainer } from '../tree/tree.js'

/** Where a number stands in a tree: numbers, unlike arrays, have no memory that could be written to. */
export interface NumberPlace {
  readonly container: Record<string, unknown>
  readonly key: string
}

/**
 * Fixes a tree of views: what is assigned to the place of an array would be lost, and is refused by the language. The
 * places of numbers are given back, in tree order, and stay open to be assigned to unless all is fixed.
 */
export const fixViews = (root: object, isAllFixed: boolean): NumberPlace[] => {
  const numbers: NumberPlace[] = []
  const pending: (NumberPlace | { readonly inner: object })[] = []
  const enter = (container: object): void => {
    const fields = container as Record<string, unknown>
    const keys = Object.keys(container)
    const isOpen = (key: string): boolean => !isAllFixed && typeof fields[key] === 'number'
    // All at once: one by one, each would cost as much as there are fields.
    if (!keys.some(isOpen)) Object.freeze(container)
    else {
      const fixed = keys.filter((key) => !isOpen(key)).map((key) => [key, { writable: false, configurable: false }])
      Object.preventExtensions(Object.defineProperties(container, Object.fromEntries(fixed)))
    }
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i] as string
      const value = fields[key]
      if (typeof value === 'number') pending.push({ container: fields, key })
      else if (isContainer(value)) pending.push({ inner: value })
      else if (typeof value === 'object' && value !== null && isNdArray(value)) {
        Object.freeze(value)
        Object.freeze(value.shape)
      }
    }
  }
  enter(root)
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('inner' in next) enter(next.inner)
    else numbers.push(next)
  }
  return numbers
}
