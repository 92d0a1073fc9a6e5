import fc from 'fast-check'
import { isArrayLeaf } from '../internal/elements.js'
import { mapLeaves } from '../internal/mapLeaves.js'

/** A tree with one of the given values at each leaf, drawn from bits: the same for every tree with this structure. */
const marked = <T>(params: unknown, draws: readonly number[], values: readonly T[]): unknown =>
  mapLeaves(params, (_, i) => values[(draws[i % draws.length] as number) % values.length])

const draws = fc.array(fc.nat(0xff), { minLength: 1, maxLength: 13, size: 'max' })

/** Whether a value is an inner node of a tree. */
const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !isArrayLeaf(value)

/** The tree, cut off at some nodes, which become leaves of a prefix. */
const cut = (node: unknown, drawn: readonly number[], depth = 0): unknown => {
  if (!isNode(node)) return node
  if ((drawn[depth % drawn.length] as number) % 3 === 0) return 0
  if (Array.isArray(node)) return node.map((child, i) => cut(child, drawn, depth + i + 1))
  const made = Object.create(Object.getPrototypeOf(node)) as Record<string, unknown>
  Object.keys(node).forEach((key, i) => {
    made[key] = cut(node[key], drawn, depth + i + 1)
  })
  return made
}

/**
 * Masks of a tree: `true` or `false` at each of its leaves.
 *
 * @example
 * import fc from 'fast-check'
 *
 * const masks = arbitrary.mask({ w: 1, b: [2, null] })
 * fc.assert(fc.property(masks, (mask) => tree.leaves<boolean>(mask).length === 2), { numRuns: 10 })
 */
export const mask = (params: unknown): fc.Arbitrary<MaskTree<boolean>> => labels(params, [true, false])

/**
 * Masks that stop above some leaves: the value at a node stands for everything below it.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitrary.prefixMask([1, 2]), (mask) => mask !== null), { numRuns: 10 })
 */
export const prefixMask = (params: unknown): fc.Arbitrary<MaskTree<boolean>> =>
  fc.tuple(draws, draws).map(([where, what]) => marked(cut(params, where), what, [true, false]) as MaskTree<boolean>)

/**
 * Labels of a tree: one of the given values at each of its leaves.
 *
 * @example
 * import fc from 'fast-check'
 *
 * const labels = arbitrary.labels({ w: 1, b: 2 }, ['slow', 'fast'])
 * fc.assert(fc.property(labels, (tree) => tree !== null), { numRuns: 10 })
 */
export const labels = <T extends string | boolean>(params: unknown, values: readonly T[]): fc.Arbitrary<MaskTree<T>> =>
  draws.map((drawn) => marked(params, drawn, values) as MaskTree<T>)

/** A tree of marks. */
export type MaskTree<T> = T | null | readonly MaskTree<T>[] | { readonly [key: string]: MaskTree<T> }
