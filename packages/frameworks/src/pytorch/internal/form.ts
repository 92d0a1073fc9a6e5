import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  identity,
  nonNegative
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type AddDecayedWeightsState, addDecayedWeights, scale } from '@gradchain/transforms'

/** What every optimizer of PyTorch can be told. */
export interface CommonOptions {
  /**
   * Share λ of the params that is added to the gradient before anything else, finite and ≥ 0: an L2 penalty, not a decoupled
   * decay. @defaultValue `0`
   */
  readonly weightDecay?: number
  /** Whether to ascend: the gradient is turned around, before the decay is added. @defaultValue `false` */
  readonly maximize?: boolean
}

/** State of an optimizer in the form of PyTorch: of what turns the gradient around, of the L2 penalty, and of the rule. */
export type State<Rule> = readonly [EmptyState, AddDecayedWeightsState, Rule]

/** What happens to a gradient in PyTorch before the rule sees it: it is turned around to ascend, and the L2 penalty comes in. */
export const withPenalty = <Rule>(
  owner: string,
  { weightDecay, maximize }: Required<CommonOptions>,
  rule: GradientTransformation<Rule>
): GradientTransformation<State<Rule>> => {
  check(owner, { weightDecay }, nonNegative)
  check(owner, { maximize }, boolean)
  return chain(maximize ? scale(-1) : identity(), addDecayedWeights(weightDecay), rule)
}

/** A rate as it is at a step. */
export const rateAt =
  (learningRate: ScalarOrSchedule, change: (rate: number, step: number) => number) =>
  (step: number): number =>
    change(typeof learningRate === 'number' ? learningRate : learningRate(step), step)
