import type { Requirement } from '@gradchain/core'

/** A number in `(0, 1]`: a factor that may be applied again and again without end. */
export const shrinking: Requirement = {
  what: 'in (0, 1]',
  holds: (value) => typeof value === 'number' && value > 0 && value <= 1
}
