// What stands at a leaf, or nearly: arrays that are whole, and what to say of those that are none.
import { childrenOf } from '../algebra/childrenOf.js'
import { isDetached } from '../array/detached.js'
import { InvalidTree, show } from '../errors.js'
import { type Path, written } from '../tree/path.js'
import { isContainer } from '../tree/tree.js'

/** Whether an array has its elements: it may be a proxy, or its memory may have been handed on. */
export const isIntact = (array: Float32Array | Float64Array): boolean => ArrayBuffer.isView(array) && !isDetached(array)

/** Refuses what is no leaf. */
export const refuseLeaf = (leaf: unknown, place: string): never => {
  if (leaf instanceof Float32Array || leaf instanceof Float64Array) {
    const name = leaf instanceof Float32Array ? 'Float32Array' : 'Float64Array'
    throw new InvalidTree(
      ArrayBuffer.isView(leaf)
        ? `${place} is a ${name} whose memory was transferred to someone else`
        : `${place} is a proxy of a ${name}; a leaf must be the array itself`
    )
  }
  if (leaf === 'sparseRows') {
    const whole = place.replace(/\.kind$/, '')
    throw new InvalidTree(
      `${whole} is sparse rows, which only the gradient of an array may be; denseRows makes an array of them`
    )
  }
  const what = isOfAnotherRealm(leaf) ? 'an object of another realm (a frame, a vm context)' : show(leaf)
  throw new InvalidTree(`${place} is ${what}; a leaf must be a number, a Float32Array, a Float64Array or an NdArray`)
}

/** Whether a value is a plain object, but not of this realm: at the end of its prototypes is another object. */
const isOfAnotherRealm = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (typeof prototype !== 'object' || prototype === null || prototype === Object.prototype) return false
  return Object.getPrototypeOf(prototype) === null
}

/** Refuses a tree with what JSON makes of a typed array: an object of numbers with the keys 0, 1, 2, … */
export const refuseThroughJson = (owner: string, name: string, tree: unknown): void => {
  const pending: { readonly node: unknown; readonly path: Path }[] = [{ node: tree, path: [] }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const children = childrenOf(next.node)
    if (children.length > 0 && children.every(([key, child], i) => key === String(i) && typeof child === 'number')) {
      throw new InvalidTree(
        `${owner}: ${name}${written(next.path)} is an object of numbers with the keys 0 to ${children.length - 1}, which is what JSON makes of a typed array; a leaf must be a number, a Float32Array, a Float64Array or an NdArray`
      )
    }
    for (const [key, node] of children) if (isContainer(node)) pending.push({ node, path: [...next.path, key] })
  }
}
