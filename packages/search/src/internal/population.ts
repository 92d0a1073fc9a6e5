import { InvalidOption, type Key } from '@gradchain/core'
import type { SearchBox } from './box.js'
import { uniforms } from './draws.js'
import type { SearchVector } from './flat.js'

/** A point and its loss; `null` where that is not known or was not a finite number. */
export interface EvaluatedPoint {
  /** Its elements. */
  readonly x: SearchVector
  /** Its loss. */
  readonly loss: number | null
}

/** A loss to compare by. */
export const lossOf = ({ loss }: EvaluatedPoint): number => loss ?? Infinity

/** A member out of a loss to compare by. */
export const memberOf = (x: SearchVector, loss: number): EvaluatedPoint => ({
  x,
  loss: loss === Infinity ? null : loss
})

/** The place of the best member, the first of several. */
export const bestOf = (members: readonly EvaluatedPoint[]): number => {
  let best = 0
  members.forEach((member, i) => {
    if (lossOf(member) < lossOf(members[best] as EvaluatedPoint)) best = i
  })
  return best
}

/** The lower ends and the lengths of what an initial population is drawn from: the bounds, or what is so far from the start. */
export const regionOf = (
  owner: string,
  start: SearchVector,
  box: SearchBox | null,
  spread: number
): { readonly low: SearchVector; readonly width: SearchVector } => {
  const low = start.map((x, i) => box?.lower[i] ?? x - spread)
  const high = start.map((x, i) => box?.upper[i] ?? x + spread)
  return { low, width: widthsOf(owner, low, high) }
}

const widthsOf = (owner: string, low: SearchVector, high: SearchVector): SearchVector =>
  low.map((from, i) => {
    const width = (high[i] as number) - from
    if (width < Infinity) return width
    throw new InvalidOption(`${owner}: bounds must be a finite number apart, got ${from} and ${high[i]}`)
  })

/** Points uniform in a region. */
export const scattered = (
  key: Key,
  count: number,
  { low, width }: { readonly low: SearchVector; readonly width: SearchVector }
): SearchVector[] => {
  const n = low.length
  const u = uniforms(key, count * n)
  return Array.from({ length: count }, (_, k) => low.map((x, i) => x + (width[i] as number) * (u[k * n + i] as number)))
}

/** Refuses params without bounds on both sides, or with ones whose distance is no number. */
export const needBounds = (owner: string, start: SearchVector, box: SearchBox | null): SearchBox => {
  const isBounded = start.every((_, i) => typeof box?.lower[i] === 'number' && typeof box.upper[i] === 'number')
  if (box === null || !isBounded) {
    throw new InvalidOption(`${owner}: bounds must be finite numbers on both sides of each param, got less`)
  }
  widthsOf(owner, box.lower as SearchVector, box.upper as SearchVector)
  return box
}

/** Whether all losses are one and the same, so far. */
export const stillFlat = (
  before: { readonly isFlat: boolean; readonly first: number | null },
  losses: SearchVector
) => {
  const first = before.first ?? losses.find((loss) => loss < Infinity) ?? null
  return { first, isFlat: before.isFlat && losses.every((loss) => loss === first || loss === Infinity) }
}
