import { InvalidOption, type Key } from '@gradchain/core'
import type { Box } from './box.js'
import { uniforms } from './draws.js'
import type { Vector } from './flat.js'

/** A point and its loss; `null` where that is not known or was not a finite number. */
export interface Member {
  /** Its elements. */
  readonly x: Vector
  /** Its loss. */
  readonly loss: number | null
}

/** A loss to compare by. */
export const lossOf = ({ loss }: Member): number => loss ?? Infinity

/** A member out of a loss to compare by. */
export const memberOf = (x: Vector, loss: number): Member => ({ x, loss: loss === Infinity ? null : loss })

/** The place of the best member, the first of several. */
export const bestOf = (members: readonly Member[]): number => {
  let best = 0
  members.forEach((member, i) => {
    if (lossOf(member) < lossOf(members[best] as Member)) best = i
  })
  return best
}

/** The lower ends and the lengths of what an initial population is drawn from: the bounds, or what is so far from the start. */
export const regionOf = (
  owner: string,
  start: Vector,
  box: Box | null,
  spread: number
): { readonly low: Vector; readonly width: Vector } => {
  const low = start.map((x, i) => box?.lower[i] ?? x - spread)
  const high = start.map((x, i) => box?.upper[i] ?? x + spread)
  return { low, width: widthsOf(owner, low, high) }
}

const widthsOf = (owner: string, low: Vector, high: Vector): Vector =>
  low.map((from, i) => {
    const width = (high[i] as number) - from
    if (width < Infinity) return width
    throw new InvalidOption(`${owner}: bounds must be a finite number apart, got ${from} and ${high[i]}`)
  })

/** Points uniform in a region. */
export const scattered = (
  key: Key,
  count: number,
  { low, width }: { readonly low: Vector; readonly width: Vector }
): Vector[] => {
  const n = low.length
  const u = uniforms(key, count * n)
  return Array.from({ length: count }, (_, k) => low.map((x, i) => x + (width[i] as number) * (u[k * n + i] as number)))
}

/** Refuses params without bounds on both sides, or with ones whose distance is no number. */
export const needBounds = (owner: string, start: Vector, box: Box | null): Box => {
  const isBounded = start.every((_, i) => typeof box?.lower[i] === 'number' && typeof box.upper[i] === 'number')
  if (box === null || !isBounded) {
    throw new InvalidOption(`${owner}: bounds must be finite numbers on both sides of each param, got less`)
  }
  widthsOf(owner, box.lower as Vector, box.upper as Vector)
  return box
}

/** Whether all losses are one and the same, so far. */
export const stillFlat = (before: { readonly isFlat: boolean; readonly first: number | null }, losses: Vector) => {
  const first = before.first ?? losses.find((loss) => loss < Infinity) ?? null
  return { first, isFlat: before.isFlat && losses.every((loss) => loss === first || loss === Infinity) }
}
