import { div, less, type Value, where } from '@gradchain/core'

/** What shortens a length to at most so much: 1 where it is shorter. */
export const factorWithin = (most: number, length: Value): Value => where(less(length, most), 1, div(most, length))
