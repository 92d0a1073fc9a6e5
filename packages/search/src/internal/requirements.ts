import type { Requirement } from '@gradchain/core'

/** A whole number that is not below a least one. */
export const atLeast = (least: number): Requirement => ({
  what: `a whole number ≥ ${least}`,
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= least
})

/** A number above 1 that may be multiplied by again and again. */
export const aboveOne: Requirement = {
  what: 'a finite number > 1',
  holds: (value) => typeof value === 'number' && value > 1 && value < Infinity
}
