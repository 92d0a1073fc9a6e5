import { InvalidOption, type Leaf, ndarray, type Requirement, show, type TreeOf } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type Form, flattened, formOf, leavesOf, type Vector } from './flat.js'

/** Bounds of params: a number for all of them, or a tree of numbers or arrays, of which a leaf may stand for all that is below it. */
export interface Bounds {
  /** What no param is below. @defaultValue none */
  readonly lower?: TreeOf<unknown> | undefined
  /** What no param is above. @defaultValue none */
  readonly upper?: TreeOf<unknown> | undefined
}

/** Bounds of the elements of params: `null` where there is none. */
export interface Box {
  /** The lower bound of each element. */
  readonly lower: readonly (number | null)[]
  /** The upper bound of each element. */
  readonly upper: readonly (number | null)[]
}

/** The bounds of params of a form, rounded inwards where the dtype of a param cannot hold one; `null` without any. */
export const boxOf = (owner: string, form: Form, bounds: Bounds | null): Box | null => {
  if (bounds === null) return null
  const lower = side(owner, 'lower', form, bounds.lower ?? -Infinity, 1)
  const upper = side(owner, 'upper', form, bounds.upper ?? Infinity, -1)
  lower.forEach((low, i) => {
    const high = upper[i] as number | null
    if (low !== null && high !== null && !(low <= high)) {
      throw new InvalidOption(
        `${owner}: bounds.lower must not be above bounds.upper, got ${show(low)} and ${show(high)}`
      )
    }
  })
  return { lower, upper }
}

/** What a bound of a search must be. */
export const boundsOrNull: Requirement = {
  what: 'an object of lower and upper or null',
  holds: (value: unknown): boolean =>
    value === null ||
    (typeof value === 'object' &&
      !Array.isArray(value) &&
      Object.keys(value).every((key) => key === 'lower' || key === 'upper'))
}

const side = (owner: string, name: string, form: Form, given: TreeOf<unknown>, inwards: 1 | -1): (number | null)[] => {
  const values = tree.leaves(tree.expandPrefix(given, form, owner, [`bounds.${name}`, 'params']))
  return leavesOf(form).flatMap(({ dtype, size }, leaf) => {
    const bound = values[leaf]
    const own =
      typeof bound === 'number' ? new Array<number>(size).fill(bound) : isArray(bound) ? flattened([bound]) : []
    if (own.length !== size || own.some((x) => Number.isNaN(x))) {
      throw new InvalidOption(`${owner}: bounds.${name} must hold a number for each param, got ${show(bound)}`)
    }
    return own.map((x) => (Number.isFinite(x) ? inside(x, dtype, inwards) : null))
  })
}

const isArray = (bound: unknown): boolean => {
  try {
    formOf('', [bound])
    return true
  } catch {
    return false
  }
}

/** The number of a dtype that is next to a bound, on its inner side. */
const inside = (x: number, dtype: string, inwards: 1 | -1): number => {
  if (dtype === 'number' || dtype === 'float64') return x
  const rounded = roundedTo(x, dtype)
  if ((rounded - x) * inwards >= 0) return rounded
  // 0.6 to 1.2 of what the last place is worth: rounding makes it one.
  const bits = dtype === 'float32' ? 24 : dtype === 'float16' ? 11 : 8
  return roundedTo(rounded + inwards * Math.abs(rounded) * 1.2 * 2 ** -bits, dtype)
}

const roundedTo = (x: number, dtype: string): number =>
  dtype === 'float32' ? Math.fround(x) : (flattened([ndarray([x], [1], dtype as 'float16') as Leaf])[0] as number)

/** A point moved into the bounds. */
export const clipped = (x: Vector, box: Box | null): number[] => {
  if (box === null) return [...x]
  return x.map((value, i) => {
    const low = box.lower[i] ?? -Infinity
    const high = box.upper[i] ?? Infinity
    return Math.min(Math.max(value, low), high)
  })
}
