import { div, equal, type Value, where } from '@gradchain/core'

/** An estimate a / b; 0, which changes nothing, where nothing has been seen yet. */
export const ratio = (a: Value, b: Value): Value => where(equal(b, 0), 0, div(a, where(equal(b, 0), 1, b)))
