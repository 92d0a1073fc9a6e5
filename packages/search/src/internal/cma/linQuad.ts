import type { SearchBox } from '../box.js'
import type { SearchVector } from '../flat.js'

interface Side {
  readonly low: number
  readonly high: number
  /** How far beyond the lower bound, and inside of it, the map is quadratic. */
  readonly below: number
  /** The same of the upper bound. */
  readonly above: number
}

const sideOf = (box: SearchBox, i: number): Side => {
  const low = box.lower[i] ?? -Infinity
  const high = box.upper[i] ?? Infinity
  const half = (high - low) / 2
  const margin = (bound: number): number =>
    Number.isFinite(bound) ? Math.min(half, Math.max(1, Math.abs(bound)) / 20) : 1
  return { low, high, below: margin(low), above: margin(high) }
}

/**
 * A point inside bounds out of any: the identity but near the bounds, where it is quadratic, and periodic beyond them. What is drawn
 * in all of space is evaluated inside, and no bound attracts what is drawn.
 */
export const intoBox = (x: SearchVector, box: SearchBox | null): number[] =>
  box === null ? [...x] : x.map((value, i) => intoSide(value, sideOf(box, i)))

const intoSide = (x: number, { low, high, below, above }: Side): number => {
  if (low === high) return low
  let y = x
  const width = high - low
  if (y < low - 2 * below - width / 2 || y > high + 2 * above + width / 2) {
    const period = 2 * (width + below + above)
    y -= period * Math.floor((y - (low - 2 * below - width / 2)) / period)
  }
  if (y > high + above) y -= 2 * (y - high - above)
  if (y < low - below) y += 2 * (low - below - y)
  if (y < low + below) return low + ((y - (low - below)) * (y - (low - below))) / 4 / below
  if (y > high - above) return high - ((y - (high + above)) * (y - (high + above))) / 4 / above
  return y
}

/** The point that {@link intoBox} makes a point inside bounds out of. */
export const outOfBox = (x: SearchVector, box: SearchBox | null): number[] =>
  box === null ? [...x] : x.map((value, i) => outOfSide(value, sideOf(box, i)))

const outOfSide = (x: number, { low, high, below, above }: Side): number => {
  if (low === high) return x
  if (x < low + below) return low - below + 2 * Math.sqrt(below * (x - low))
  if (x > high - above) return high + above - 2 * Math.sqrt(above * (high - x))
  return x
}
