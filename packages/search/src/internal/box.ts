import { InvalidOption, type Leaf, ndarray, type Requirement, show, type TreeOf } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { flattened, formOf, leavesOf, type ParamsForm, type SearchVector } from './flat.js'

/** Bounds of params: a number for all of them, or a tree of numbers or arrays, of which a leaf may stand for all that is below it. */
export interface SearchBounds {
  /** What no param is below. @defaultValue none */
  readonly lower?: TreeOf<unknown> | undefined
  /** What no param is above. @defaultValue none */
  readonly upper?: TreeOf<unknown> | undefined
}

/** Bounds of the elements of params: `null` where there is none. */
export interface SearchBox {
  /** The lower bound of each element. */
  readonly lower: readonly (number | null)[]
  /** The upper bound of each element. */
  readonly upper: readonly (number | null)[]
}

/** The bounds of params of a form, rounded inwards where the dtype of a param cannot hold one; `null` without any. */
export const boxOf = (owner: string, form: ParamsForm, bounds: SearchBounds | null): SearchBox | null => {
  if (bounds === null) return null
  const lowest = side(owner, 'lower', form, bounds.lower ?? -Infinity)
  const highest = side(owner, 'upper', form, bounds.upper ?? Infinity)
  const dtypes = leavesOf(form).flatMap(({ dtype, size }) => new Array<string>(size).fill(dtype))
  const lower: (number | null)[] = []
  const upper: (number | null)[] = []
  dtypes.forEach((dtype, i) => {
    const [low, high] = [lowest[i] as number, highest[i] as number]
    if (!(low <= high)) {
      throw new InvalidOption(
        `${owner}: bounds.lower must not be above bounds.upper, got ${show(low)} and ${show(high)}`
      )
    }
    // Bounds that leave one value mean the number of the dtype that is nearest to it.
    const [from, to] = low === high ? [low, low] : [inside(low, dtype, 1), inside(high, dtype, -1)]
    const isEmpty = low === high ? !Number.isFinite(roundedTo(low, dtype)) : !(from <= to)
    if (isEmpty || from === Infinity || to === -Infinity) {
      throw new InvalidOption(
        `${owner}: bounds must have a number of ${dtype} between them, got ${show(low)} and ${show(high)}`
      )
    }
    lower.push(Number.isFinite(from) ? roundedTo(from, dtype) : null)
    upper.push(Number.isFinite(to) ? roundedTo(to, dtype) : null)
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

const side = (owner: string, name: string, form: ParamsForm, given: TreeOf<unknown>): number[] => {
  const values = tree.leaves(tree.expandPrefix(given, form, owner, [`bounds.${name}`, 'params']))
  return leavesOf(form).flatMap(({ size }, leaf) => {
    const bound = values[leaf]
    const own =
      typeof bound === 'number' ? new Array<number>(size).fill(bound) : isArray(bound) ? flattened([bound]) : []
    if (own.length !== size || own.some((x) => Number.isNaN(x))) {
      throw new InvalidOption(`${owner}: bounds.${name} must hold a number for each param, got ${show(bound)}`)
    }
    return own
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

/** What dtypes hold: how many bits are significant, the least number above 0 and the largest one. */
const RANGES: Readonly<Record<string, readonly [bits: number, least: number, most: number]>> = {
  float32: [24, 2 ** -149, (2 - 2 ** -23) * 2 ** 127],
  float16: [11, 2 ** -24, 65504],
  bfloat16: [8, 2 ** -133, (2 - 2 ** -7) * 2 ** 127]
}

/** The number of a dtype that is next to a bound, on its inner side; ±∞ for one that is on no side of it. */
const inside = (x: number, dtype: string, inwards: 1 | -1): number => {
  const range = RANGES[dtype]
  if (range === undefined || !Number.isFinite(x)) return x
  const [bits, least, most] = range
  const rounded = roundedTo(x, dtype)
  if ((rounded - x) * inwards >= 0) return rounded
  if (!Number.isFinite(rounded)) return -inwards * most
  // 0.6 to 1.2 of what the last place is worth: rounding makes it one.
  return roundedTo(rounded + inwards * Math.max(Math.abs(rounded) * 1.2 * 2 ** -bits, 0.75 * least), dtype)
}

const roundedTo = (x: number, dtype: string): number => {
  if (dtype === 'number' || dtype === 'float64') return x
  if (dtype === 'float32') return Math.fround(x)
  return flattened([ndarray([x], [1], dtype as 'float16') as Leaf])[0] as number
}

/** A point moved into the bounds. */
export const clipped = (x: SearchVector, box: SearchBox | null): number[] => {
  if (box === null) return [...x]
  return x.map((value, i) => {
    const low = box.lower[i] ?? -Infinity
    const high = box.upper[i] ?? Infinity
    return Math.min(Math.max(value, low), high)
  })
}
