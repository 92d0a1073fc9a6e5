import type { Schedule } from '../types.js'

/** The curve of `joinSchedules`, of arguments that were checked. */
export const joined = (schedules: readonly Schedule[], boundaries: readonly number[]): Schedule => {
  const [first, ...later] = schedules as readonly [Schedule, ...Schedule[]]
  // Latest first, so that the search stops at the part in charge; and a copy, so that the caller's arrays may change.
  const parts = later.map((part, i) => [boundaries[i] as number, part] as const).reverse()
  return (step) => {
    for (const [boundary, part] of parts) {
      if (step >= boundary) return part(step - boundary)
    }
    return first(step)
  }
}
