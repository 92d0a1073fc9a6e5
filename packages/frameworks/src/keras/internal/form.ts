import {
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  InvalidOption,
  identity,
  nonNegative,
  optional,
  positive
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  clip,
  clipByGlobalNorm,
  clipByNorm,
  type ScaleByScheduleState,
  scaleByLearningRate
} from '@gradchain/transforms'

/** What every optimizer of Keras can be told. */
export interface CommonOptions {
  /** Share λ of the params that is taken off before each step, times the learning rate, finite and ≥ 0. @defaultValue none */
  readonly weightDecay?: number | undefined
  /** The largest norm of each array of gradients, finite and > 0. @defaultValue none */
  readonly clipnorm?: number | undefined
  /** The largest magnitude of each element of a gradient, finite and > 0. @defaultValue none */
  readonly clipvalue?: number | undefined
  /** The largest norm of all gradients together, finite and > 0. @defaultValue none */
  readonly globalClipnorm?: number | undefined
}

/** The defaults of these options. */
export const NONE: Required<CommonOptions> = {
  weightDecay: undefined,
  clipnorm: undefined,
  clipvalue: undefined,
  globalClipnorm: undefined
}

/** State of an optimizer in the form of Keras: of clipping, and of the rule. */
export type State<Rule> = readonly [EmptyState, Rule]

/** State of a scaling, of the decay, and of the learning rate. */
export type Decoupled<Scaling> = readonly [Scaling, AddDecayedWeightsState, ScaleByScheduleState]

/** Clips as Keras does, and hands what is clipped to the rule. */
export const clipped = <Rule>(
  owner: string,
  { clipnorm, clipvalue, globalClipnorm }: Omit<Required<CommonOptions>, 'weightDecay'>,
  rule: GradientTransformation<Rule>
): GradientTransformation<State<Rule>> => {
  check(owner, { clipnorm, clipvalue, globalClipnorm }, optional(positive))
  if ([clipnorm, clipvalue, globalClipnorm].filter((limit) => limit !== undefined).length > 1) {
    throw new InvalidOption(`${owner}: only one of clipnorm, clipvalue and globalClipnorm can be given`)
  }
  const first =
    clipnorm !== undefined
      ? clipByNorm(clipnorm)
      : clipvalue !== undefined
        ? clip(clipvalue)
        : globalClipnorm !== undefined
          ? clipByGlobalNorm(globalClipnorm)
          : identity()
  return chain(first, rule)
}

/** A scaling with the decay and the learning rate after it. */
export const decoupled = <Scaling>(
  owner: string,
  learningRate: ScalarOrSchedule,
  { weightDecay, ...clipping }: Required<CommonOptions>,
  scaling: GradientTransformation<Scaling>
): GradientTransformation<State<Decoupled<Scaling>>> => {
  check(owner, { weightDecay }, optional(nonNegative))
  const rule = chain(scaling, addDecayedWeights(weightDecay ?? 0), scaleByLearningRate(learningRate))
  return clipped(owner, clipping, rule)
}

/** The share of the params that the decay takes off at a step. */
export const shareAt =
  (owner: string, learningRate: ScalarOrSchedule, weightDecay: number | undefined) =>
  (step: number): number => {
    check(owner, { weightDecay }, optional(nonNegative))
    if (weightDecay === undefined || weightDecay === 0) return 0
    return weightDecay * (typeof learningRate === 'number' ? learningRate : learningRate(step))
  }
