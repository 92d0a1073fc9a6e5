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
  const pending: NumberPlace[] = []
  const enter = (container: object): void => {
    for (const key of Object.keys(container).reverse())
      pending.push({ container: container as Record<string, unknown>, key })
    Object.preventExtensions(container)
  }
  enter(root)
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    const { container, key } = place
    const value = container[key]
    const isNumber = typeof value === 'number'
    if (isNumber) numbers.push(place)
    if (isAllFixed || !isNumber) Object.defineProperty(container, key, { writable: false, configurable: false })
    if (isContainer(value)) enter(value)
    else if (typeof value === 'object' && value !== null && isNdArray(value)) {
      Object.freeze(value)
      Object.freeze(value.shape)
    }
  }
  return numbers
}
