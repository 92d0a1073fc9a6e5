import {
  abs,
  add,
  check,
  div,
  type GradientTransformation,
  lessEqual,
  mul,
  neg,
  nonNegative,
  type Operand,
  type Origin,
  orSchedule,
  sign,
  sub,
  transformation,
  type Value,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { strengthAt } from './strengthAt.js'

/** State of what steps on a penalty: how many updates were seen. */
export interface ProximalState {
  readonly count: number
}

/** The step on ρ Σ|x| + (1 − ρ)/2 Σx², of a strength and a learning rate. */
export const proximalStep = (
  origin: Origin,
  strength: ScalarOrSchedule,
  learningRate: ScalarOrSchedule,
  l1Ratio: number
): GradientTransformation<ProximalState> => {
  const owner = origin[0]
  check(owner, { strength, learningRate }, orSchedule(nonNegative))
  const strengths = asSchedule(strength)
  const rates = asSchedule(learningRate)
  return transformation<ProximalState>({
    origin,
    init: () => ({ count: 0 }),
    update: (updates, { count }, params) => {
      const share = strengthAt(owner, 'strength', strengths, count) * strengthAt(owner, 'learningRate', rates, count)
      const step = stepped(share * l1Ratio, share * (1 - l1Ratio))
      return [share === 0 ? updates : tree.map(step, updates, params), { count: count + 1 }]
    }
  })
}

/** From p to where |p + g| is less by `lower`, but not below 0, and then divided by 1 + `shrink`. */
const stepped =
  (lower: number, shrink: number) =>
  (g: Operand, p: Operand): Value => {
    const moved = add(p, g)
    const lowered = sub(g, mul(lower, sign(moved)))
    // p + u = (p + lowered) / (1 + shrink), without taking p away from what it was added to.
    const u = shrink === 0 ? lowered : div(sub(lowered, mul(shrink, p)), 1 + shrink)
    return where(lessEqual(abs(moved), lower), neg(p), u)
  }
