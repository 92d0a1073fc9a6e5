import { Op } from './op.js'

/** How many elements are added up before the result goes to the total. */
export const SUM_BLOCK = 4096

/**
 * The one order in which elements are added, so that a sum has the same bits on every engine: within blocks of 4096, in
 * four float64 lanes, element i in lane i mod 4; then (l₀ + l₁) + (l₂ + l₃); then block after block.
 */
export const sumOf = (element: (i: number) => number, length: number): number => {
  let total = 0
  for (let start = 0; start < length; start += SUM_BLOCK) {
    const end = Math.min(start + SUM_BLOCK, length)
    let l0 = 0
    let l1 = 0
    let l2 = 0
    let l3 = 0
    for (let i = start; i < end; i += 4) {
      l0 += element(i)
      if (i + 1 < end) l1 += element(i + 1)
      if (i + 2 < end) l2 += element(i + 2)
      if (i + 3 < end) l3 += element(i + 3)
    }
    total += l0 + l1 + (l2 + l3)
  }
  return total
}

/** How many blocks a length has. */
export const blocksOf = (length: number): number => Math.ceil(length / SUM_BLOCK)

/** What a reduction of nothing gives. */
export const idleOf = (op: number): number => (op === Op.MinOf ? Infinity : op === Op.MaxOf ? -Infinity : 0)

/** Takes the results of the blocks of `length` elements, which lie in a row from `first` on, into a total, in order. */
export const addBlocks = (op: number, total: number, blocks: Float64Array, first: number, length: number): number => {
  let result = total
  for (let i = first; i < first + blocksOf(length); i++) {
    const block = blocks[i] as number
    result = op === Op.MinOf ? Math.min(result, block) : op === Op.MaxOf ? Math.max(result, block) : result + block
  }
  return result
}

/** The smallest element, Infinity of none; NaN when one is. */
export const minimumOf = (element: (i: number) => number, length: number): number => {
  let least = Infinity
  for (let i = 0; i < length; i++) least = Math.min(least, element(i))
  return least
}

/** The largest element, −Infinity of none; NaN when one is. */
export const maximumOf = (element: (i: number) => number, length: number): number => {
  let most = -Infinity
  for (let i = 0; i < length; i++) most = Math.max(most, element(i))
  return most
}

/** The result of a reduction for elements, `y` those of the second operand, or again of the first. */
export const reductionOf = (op: number, x: (i: number) => number, y: (i: number) => number, length: number): number => {
  if (op === Op.MinOf) return minimumOf(x, length)
  if (op === Op.MaxOf) return maximumOf(x, length)
  return sumOf(op === Op.Sum ? x : (i) => x(i) * y(i), length)
}
