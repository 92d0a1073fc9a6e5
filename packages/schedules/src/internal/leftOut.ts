import type { Requirement } from '@gradchain/core'

/** What an option must be where it would mean nothing; `where` ends the sentence "must be left out …". */
export const leftOut = (where: string): Requirement => ({
  what: `left out ${where}`,
  holds: (value) => value === undefined
})
