import type { Requirement } from '@gradchain/core'

/** A text as pictures may hold it: control characters, which terminals obey and XML refuses, are written out. */
export const words = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu,
    (found) => `\\u${(found.codePointAt(0) as number).toString(16).padStart(4, '0')}`
  )

/** A text. */
export const aText: Requirement = { what: 'a text', holds: (value) => typeof value === 'string' }

/** From where to where. */
export const aRange: Requirement = {
  what: 'two numbers up to 1e300, the first below the second',
  holds: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((end) => typeof end === 'number' && Math.abs(end) <= 1e300) &&
    value[0] < value[1]
}

/** How many curves can be told apart. */
export const MOST_SERIES = 8
