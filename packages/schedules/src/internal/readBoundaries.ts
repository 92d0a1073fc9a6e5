import { check, InvalidOption, nonNegative, show } from '@gradchain/core'
import type { BoundariesAndScales } from '../types.js'
import type { Knot } from './interpolate.js'

const isPlain = (value: unknown): boolean => {
  if (value === null || typeof value !== 'object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** The pairs of `boundariesAndScales` by ascending step, or the refusal of what is malformed in it. */
export const readBoundaries = (owner: string, boundariesAndScales: BoundariesAndScales): readonly Knot[] => {
  check(owner, { boundariesAndScales }, { what: 'a plain object from step to scale', holds: isPlain })
  const knots = Object.entries(boundariesAndScales).map(([key, scale]): Knot => {
    const step = Number(key)
    if (!Number.isSafeInteger(step) || step < 0 || String(step) !== key) {
      throw new InvalidOption(`${owner}: each key of boundariesAndScales must be a whole number ≥ 0, got ${show(key)}`)
    }
    check(owner, { [`boundariesAndScales[${key}]`]: scale }, nonNegative)
    return [step, scale]
  })
  return knots.sort(([a], [b]) => a - b)
}
