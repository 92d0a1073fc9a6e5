import { type GradientTransformation, max, mul, type Operand, rms, sub, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Schedule } from '@gradchain/schedules'

/** State of what {@link decayBySize} makes. */
export interface DecayBySizeState {
  /** How many updates were seen. */
  readonly count: number
}

/** Takes a share of the params off that is in proportion to their root mean square, as Adafactor's learning rate is: u − r max(ε, rms p) p. */
export const decayBySize = (rate: Schedule, minScale: number | null): GradientTransformation<DecayBySizeState> =>
  transformation<DecayBySizeState>({
    init: () => ({ count: 0 }),
    update: (updates, { count }, params) => {
      const share = rate(count)
      const next = { count: count + 1 }
      if (share === 0) return [updates, next]
      const scaleOf = (p: Operand) => (minScale === null ? 1 : max(minScale, rms(p)))
      return [tree.map((u, p) => sub(u, mul(mul(share, scaleOf(p)), p)), updates, params), next]
    }
  })
