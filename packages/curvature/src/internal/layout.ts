import {
  cast,
  castLike,
  force,
  InvalidTree,
  type Leaf,
  ndarray,
  type Operand,
  shapeOf,
  show,
  type Tree
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** How the numbers of a tree lie one after the other. */
export interface Layout {
  /** How many numbers there are. */
  readonly size: number
  /** By how much numbers of the coarsest dtype among the leaves are rounded: from 1 to the next. */
  readonly precision: number
  /**
   * The numbers of a tree like the one that this was made for, in the order of its leaves.
   *
   * @throws InvalidTree under the name of the tree, where it is another.
   */
  readonly read: (values: Tree, name?: string) => Float64Array
  /** The tree of such numbers, rounded to the dtypes of its leaves. */
  readonly write: (numbers: Float64Array) => Tree<Leaf>
}

const PRECISIONS = {
  float64: Number.EPSILON,
  float32: 1.1920928955078125e-7,
  float16: 0.0009765625,
  bfloat16: 0.0078125
} as const

/** The layout of a tree of arrays and numbers. */
export const layoutOf = (like: Tree): Layout => {
  const form = force(like)
  const leaves = tree.leaves<Leaf>(form)
  const size = leaves.reduce<number>((total, leaf) => total + sizeOf(leaf), 0)
  const precision = leaves.reduce<number>((most, leaf) => Math.max(most, PRECISIONS[tree.dtype(leaf)]), Number.EPSILON)

  return {
    size,
    precision,
    read: (values, name = 'a tree') => {
      const numbers = new Float64Array(size)
      const known = force(values)
      let at = 0
      const take = (leaf: Leaf, given: Leaf): void => {
        const length = sizeOf(leaf)
        if (!isSameShape(shapeOf(leaf), shapeOf(given))) checkShapes(name, form, known)
        if (typeof given === 'number') numbers.fill(given, at, at + length)
        else numbers.set(elementsOf(given), at)
        at += length
      }
      tree.map(take, form, known)
      return numbers
    },
    write: (numbers) => {
      let at = 0
      const part = (leaf: Leaf): Leaf => {
        const length = sizeOf(leaf)
        const found = numbers.slice(at, at + length)
        at += length
        return inFormOf(found, leaf)
      }
      return tree.map(part, form)
    }
  }
}

const isSameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, axis) => n === b[axis])

/** Says which leaf it is that has another shape. */
const checkShapes = (name: string, like: Tree<Leaf>, values: Tree<Leaf>): void => {
  const check = (path: string, leaf: Leaf, given: Leaf): void => {
    const [wanted, found] = [shapeOf(leaf), shapeOf(given)].map(show)
    if (found !== wanted) throw new InvalidTree(`${name}${path} must have shape ${wanted}, got ${found}`)
  }
  tree.mapWithPath(check, like, values)
}

const sizeOf = (leaf: Leaf): number => shapeOf(leaf).reduce((size, length) => size * length, 1)

const elementsOf = (leaf: Exclude<Leaf, number>): ArrayLike<number> => {
  if (leaf instanceof Float64Array || leaf instanceof Float32Array) return leaf
  const wide = force(cast(leaf, 'float64')) as Leaf
  return typeof wide === 'number' ? [wide] : 'data' in wide ? wide.data : wide
}

const inFormOf = (numbers: Float64Array, leaf: Leaf): Leaf => {
  if (typeof leaf === 'number') return numbers[0] as number
  if (leaf instanceof Float64Array) return numbers
  if (leaf instanceof Float32Array) return Float32Array.from(numbers)
  const shaped: Operand = 'shape' in leaf ? ndarray(numbers, leaf.shape) : numbers
  return force(castLike(shaped, leaf)) as Leaf
}
