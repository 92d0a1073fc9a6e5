import type { Requirement } from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'

// Below 4 the variance is not defined, and r is the root of a negative number.
/** What a threshold of the length of an average must be. */
export const atLeastFour: Requirement = {
  what: 'a finite number ≥ 4',
  holds: (value) => typeof value === 'number' && value >= 4 && value < Infinity
}

/** The share r of a step that the second moment of RAdam is known well enough for; `null` before its length is `threshold`. */
export const knownShare = (b2: number, count: number, threshold: number): number | null => {
  const length = lengthOf(b2, count)
  return length >= threshold ? shareOf(length, 2 / (1 - b2) - 1) : null
}

/** How many gradients a simple average would have to hold for a variance like that of the second moment. */
const lengthOf = (b2: number, count: number): number => {
  const left = integerPower(b2, count)
  return 2 / (1 - b2) - 1 - (2 * count * left) / (1 - left)
}

const shareOf = (length: number, most: number): number =>
  Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length))
