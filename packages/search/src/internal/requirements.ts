import type { Requirement } from '@gradchain/core'

/** A whole number that is not below a least one. */
export const atLeast = (least: number): Requirement => ({
  what: `a whole number ≥ ${least}`,
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= least
})
