import { type GradientTransformation, mul, type Origin, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Schedule } from '@gradchain/schedules'
import { valueAt } from './valueAt.js'

/** How many updates were seen. */
interface Counted {
  readonly count: number
}

/** Multiplies updates by a sign and the value of a schedule, in the name of the factory that makes it. */
export const scaledBy = (origin: Origin, schedule: Schedule, sign: 1 | -1): GradientTransformation<Counted> =>
  transformation<Counted>({
    origin,
    init: () => ({ count: 0 }),
    update: (updates, { count }) => {
      const factor = sign * valueAt(origin[0], schedule, count)
      return [tree.map((g) => mul(factor, g), updates), { count: count + 1 }]
    }
  })
