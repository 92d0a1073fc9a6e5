import { type GradientTransformation, mul, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Schedule } from '@gradchain/schedules'
import { valueAt } from './valueAt.js'

/** How many updates were seen. */
interface Counted {
  readonly count: number
}

/** Multiplies updates by a sign and the value of a schedule, in the name of `owner`. */
export const scaledBy = (owner: string, schedule: Schedule, sign: 1 | -1): GradientTransformation<Counted> =>
  transformation<Counted>({
    init: () => ({ count: 0 }),
    update: (updates, { count }) => {
      const factor = sign * valueAt(owner, schedule, count)
      return [tree.map((g) => mul(factor, g), updates), { count: count + 1 }]
    }
  })
