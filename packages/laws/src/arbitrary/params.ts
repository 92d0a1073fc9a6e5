import type { Leaf, Tree } from '@gradchain/core'
import fc from 'fast-check'
import { leaf, type ParamsOptions } from './leaf.js'
import { fillLike, palette } from './palette.js'
import type { Domain } from './value.js'

// Names of every kind, those among them that objects and arrays have a meaning for.
const key = fc.constantFrom(
  'w',
  'b',
  'kernel',
  'bias',
  'layers',
  '10',
  '2',
  '',
  'a b',
  'length',
  'constructor',
  'data',
  'ключ'
)

const skeleton = (options: ParamsOptions): fc.Arbitrary<Tree<Leaf>> => {
  const leaves = leaf(options)
  const { node } = fc.letrec<{ node: Tree<Leaf> }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: leaves },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.array(tie('node'), { maxLength: 4 }) },
      { weight: 4, arbitrary: fc.dictionary(key, tie('node'), { maxKeys: 4 }) }
    )
  }))
  // Deeper than any quick way through trees goes, with leaves on both sides of the depths.
  const deep = fc.tuple(leaves, node, leaves).map(([before, inside, after]) => [before, nested(inside), after])
  return fc.oneof(
    { weight: 80, arbitrary: fc.dictionary(key, node, { maxKeys: 5 }) },
    { weight: 30, arbitrary: fc.array(node, { maxLength: 5 }) },
    { weight: 20, arbitrary: leaves },
    { weight: 2, arbitrary: deep },
    { weight: 10, arbitrary: fc.constantFrom<Tree<Leaf>[]>({}, [], null, { a: {}, b: [null] }) }
  )
}

/** How deep a tree is at times. */
const DEPTH = 250

const nested = (inside: Tree<Leaf>): Tree<Leaf> => {
  let tree = inside
  for (let depth = 0; depth < DEPTH; depth++) tree = depth % 2 === 0 ? [tree] : { in: tree }
  return tree
}

/**
 * Trees of params: empty ones, bare numbers and vectors, nested objects and arrays, `null` subtrees, leaves without
 * elements and with one, arrays of ranks 0 to 4, lengths around the width of a vector register and, rarely, around the
 * blocks in which arrays are summed and staged; rarely, hundreds of levels.
 *
 * @example
 * import fc from 'fast-check'
 *
 * const fitsItself = (params: Tree<Leaf>) => tree.leaves(params).length === tree.paths(params).length
 * fc.assert(fc.property(arbitrary.params(), fitsItself), { numRuns: 10 })
 */
export const params = (options: ParamsOptions = {}, domain: Domain = 'finite'): fc.Arbitrary<Tree<Leaf>> =>
  fc.tuple(skeleton(options), palette(domain)).map(([tree, colours]) => fillLike(tree, colours, domain) as Tree<Leaf>)
