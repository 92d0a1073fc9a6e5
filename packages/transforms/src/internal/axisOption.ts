import type { Requirement } from '@gradchain/core'

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value)

/** An axis, several, or `undefined` for those that the shape suggests. */
export const axisOption: Requirement = {
  what: 'a whole number or a list of whole numbers',
  holds: (value) => value === undefined || isWhole(value) || (Array.isArray(value) && value.every(isWhole))
}
