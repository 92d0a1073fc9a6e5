import { elements, isArrayLeaf, withElements } from './elements.js'

/** Something with the same structure, each number of it changed by `f`; `index` counts over all leaves. */
export const mapNumbers = (value: unknown, f: (x: number, index: number) => number): unknown => {
  let at = 0
  return mapLeaves(value, (leaf) => {
    if (typeof leaf === 'number') return f(leaf, at++)
    if (!isArrayLeaf(leaf)) return leaf
    return withElements(
      leaf,
      Array.from(elements(leaf), (x) => f(x, at++))
    )
  })
}

/** Something with the same structure, its leaves replaced; `index` counts the leaves. Arrays of numbers are leaves. */
export const mapLeaves = (value: unknown, f: (leaf: unknown, index: number) => unknown): unknown => {
  let at = 0
  const go = (node: unknown): unknown => {
    if (node === null) return null
    if (typeof node !== 'object' || ArrayBuffer.isView(node) || isArrayLeaf(node)) return f(node, at++)
    if (Array.isArray(node)) return node.map(go)
    const made = Object.create(Object.getPrototypeOf(node)) as Record<string, unknown>
    for (const key of Object.keys(node)) made[key] = go((node as Record<string, unknown>)[key])
    return made
  }
  return go(value)
}

/** All leaves, in order. */
export const leavesOf = (value: unknown): unknown[] => {
  const found: unknown[] = []
  mapLeaves(value, (leaf) => found.push(leaf))
  return found
}

/** All numbers of all leaves, in order. */
export const numbersOf = (value: unknown): number[] => {
  const found: number[] = []
  mapLeaves(value, (leaf) => {
    if (typeof leaf === 'number') found.push(leaf)
    else if (isArrayLeaf(leaf)) {
      const own = elements(leaf)
      for (let i = 0; i < own.length; i++) found.push(own[i] as number)
    }
    return leaf
  })
  return found
}
