import {
  cast,
  Expr,
  examplesLike,
  force,
  InvalidTree,
  type Leaf,
  type NdArray,
  ndarray,
  type Requirement,
  type Tree,
  viewsOf
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { besideOf } from './besideOf.js'

/** The gradients of a leaf, one for each example. */
export interface Examples {
  /** How many examples. */
  readonly count: number
  /** How many elements each of them has. */
  readonly size: number
  /** The elements, example after example. */
  readonly data: Float32Array | Float64Array
  /** The leaf itself. */
  readonly leaf: Exclude<Leaf, number>
}

/** A bound that may be infinite, which is none. */
export const clipNorm: Requirement = {
  what: 'a number ≥ 0',
  holds: (value) => typeof value === 'number' && value >= 0
}

/**
 * The examples of each leaf, whose first axis they are, in tree order.
 *
 * @throws InvalidTree with the path, for a leaf without axes and for one with another number of examples.
 */
export const examplesOf = (owner: string, grads: Tree): readonly Examples[] => {
  const found: Examples[] = []
  let first: { readonly path: string; readonly count: number } | undefined
  tree.mapWithPath((path: string, leaf: Leaf) => {
    const [count, ...rest] = typeof leaf === 'number' ? [] : 'shape' in leaf ? leaf.shape : [leaf.length]
    if (count === undefined || typeof leaf === 'number') {
      throw new InvalidTree(`${owner}: grads${path} has no axes; the first axis of every leaf is that of the examples`)
    }
    first ??= { path, count }
    if (count !== first.count) {
      throw new InvalidTree(`${owner}: grads${path} has ${count} examples, grads${first.path} has ${first.count}`)
    }
    found.push({ count, size: rest.reduce((size, length) => size * length, 1), data: wideData(leaf), leaf })
  }, viewsOf(grads))
  return found
}

/** The examples of each leaf, in tree order, of gradients that fit a tree; see {@link examplesLike}. */
export const examplesBeside = (
  owner: string,
  like: Tree,
  perExampleGradients: Tree | undefined
): readonly Examples[] => {
  const names = { owner, name: 'perExampleGradients', likeName: 'grads' }
  const given = perExampleGradients === undefined ? undefined : besideOf(names, perExampleGradients, like)
  const { gradients } = examplesLike(owner, like, given)
  const inOrder = tree.map((_, each) => each, like, tree.widen(gradients))
  const leaves = tree.leaves(like)
  // Those of a number add up to one, in whatever form they are a vector.
  return examplesOf(owner, inOrder).map((each, i) => (isNumber(leaves[i]) ? { ...each, leaf: each.data } : each))
}

const isNumber = (leaf: unknown): boolean => typeof leaf === 'number' || (leaf instanceof Expr && leaf.isScalar)

const wideData = (leaf: Exclude<Leaf, number>): Float32Array | Float64Array => {
  if (leaf instanceof Float32Array || leaf instanceof Float64Array) return leaf
  const { data } = leaf.data instanceof Uint16Array ? (force(cast(leaf, 'float32')) as NdArray) : leaf
  return data as Float32Array | Float64Array
}

/** √Σx² of each example, over all the given leaves, in float64: with scaled elements, where squares overflow or vanish. */
export const normsOf = (leaves: readonly Examples[]): Float64Array => {
  const squares = squaresOf(leaves, () => 1)
  const scales = squares.map((square) => (square < 2 ** -900 ? 2 ** 700 : square > 2 ** 900 ? 2 ** -600 : 1))
  const isScaled = leaves.some(({ data }) => data instanceof Float64Array) && scales.some((scale) => scale !== 1)
  if (!isScaled) return squares.map(Math.sqrt)
  return squaresOf(leaves, (example) => scales[example] as number).map(
    (square, i) => Math.sqrt(square) / (scales[i] as number)
  )
}

/** Σ(s x)² of each example with a scale s of its own. */
const squaresOf = (leaves: readonly Examples[], scaleOf: (example: number) => number): Float64Array => {
  const squares = new Float64Array(leaves[0]?.count ?? 0)
  for (const { size, data } of leaves) {
    for (let example = 0, at = 0; example < squares.length; example++) {
      const scale = scaleOf(example)
      let sum = 0
      for (let i = 0; i < size; i++, at++) {
        const scaled = scale * (data[at] as number)
        sum += scaled * scaled
      }
      squares[example] = (squares[example] as number) + sum
    }
  }
  return squares
}

/** What each example is multiplied by so that its norm is at most `bound`; 1 for what has no quotient. */
export const multipliersOf = (norms: Float64Array, bound: number): Float64Array =>
  norms.map((norm) => {
    const factor = bound / norm
    // Of 0 / 0 there is nothing to clip, and what is NaN should show.
    return Number.isNaN(factor) ? 1 : Math.min(factor, 1)
  })

/** How many examples are shortened. */
export const countClipped = (multipliers: Float64Array): number => multipliers.filter((factor) => factor < 1).length

/** The sum of all examples, each times its factor, in float64; in the dtype of the leaf, without its first axis. */
export const weightedSum = ({ size, data, leaf }: Examples, multipliers: Float64Array): Leaf => {
  const sums = new Float64Array(size)
  multipliers.forEach((factor, example) => {
    for (let i = 0; i < size; i++) sums[i] = (sums[i] as number) + factor * (data[example * size + i] as number)
  })
  // A bare vector holds a number for each example.
  if (!('shape' in leaf)) return sums[0] as number
  const shape = leaf.shape.slice(1)
  const summed = force(cast(ndarray(sums, shape), leaf.dtype)) as NdArray
  return shape.length === 1 && !(summed.data instanceof Uint16Array) ? summed.data : summed
}
