import type { Requirement } from '@gradchain/core'

/** A step as event files keep it. */
export const aStep: Requirement = {
  what: 'a whole number or a bigint of 64 bits',
  holds: (value) => Number.isSafeInteger(value) || (typeof value === 'bigint' && BigInt.asIntN(64, value) === value)
}

/** What a series is called. */
export const aTag: Requirement = {
  what: 'a text of one character or more',
  holds: (value) => typeof value === 'string' && value !== ''
}
