import { SUM_BLOCK } from '../../expression/sum.js'
import type { Launch } from '../resident/launches.js'

/** A share of a launch. */
export interface Job {
  readonly launch: Launch
  readonly from: number
  readonly to: number
}

/**
 * Cuts launches into shares of about as many elements each; a launch is cut between two blocks of a sum, so that who
 * computes what cannot be seen in the result.
 */
export const shareOut = (launches: readonly Launch[], count: number): Job[][] => {
  const elements = launches.reduce((sum, { size }) => sum + size, 0)
  const shares: Job[][] = Array.from({ length: count }, () => [])
  let index = 0
  let room = elements / count
  for (const launch of launches) {
    let from = 0
    while (from < launch.size) {
      const isLast = index === count - 1
      const wanted = isLast ? launch.size : from + Math.max(SUM_BLOCK, Math.round(room / SUM_BLOCK) * SUM_BLOCK)
      const to = Math.min(wanted, launch.size)
      ;(shares[index] as Job[]).push({ launch, from, to })
      room -= to - from
      from = to
      if (room < SUM_BLOCK / 2 && !isLast) {
        index += 1
        room += elements / count
      }
    }
  }
  return shares
}
