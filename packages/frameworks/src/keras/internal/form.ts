import {
  add,
  boolean,
  castLike,
  chain,
  check,
  definitionOf,
  div,
  type EmptyState,
  type GradientTransformation,
  InvalidOption,
  identity,
  inClosedUnitInterval,
  mul,
  nonNegative,
  type Operand,
  optional,
  paramsAfter,
  positive,
  positiveInteger,
  type Requirement,
  sub,
  type Tree,
  transformation,
  zerosLike
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
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
  /** Regular expressions: params whose path one of them finds do not decay, as by Keras's method of that name. @defaultValue `[]` */
  readonly excludeFromWeightDecay?: readonly string[]
  /** The largest norm of each array of gradients, finite and > 0. @defaultValue none */
  readonly clipnorm?: number | undefined
  /** The largest magnitude of each element of a gradient, finite and > 0. @defaultValue none */
  readonly clipvalue?: number | undefined
  /** The largest norm of all gradients together, finite and > 0. @defaultValue none */
  readonly globalClipnorm?: number | undefined
  /** Whether an average of the params is kept, which `averagedParams(state, params)` reads. @defaultValue `false` */
  readonly useEma?: boolean
  /** Decay rate of that average, in `[0, 1]`. @defaultValue `0.99` */
  readonly emaMomentum?: number
  /** After how many steps the params are set to the average, again and again, a whole number ≥ 1. @defaultValue never */
  readonly emaOverwriteFrequency?: number | undefined
  /** What gradients are divided by, as the loss was multiplied with it, finite and > 0. @defaultValue none */
  readonly lossScaleFactor?: number | undefined
  /** Of how many mini-batches the gradients are averaged to one step, a whole number ≥ 2. @defaultValue none */
  readonly gradientAccumulationSteps?: number | undefined
}

/** The defaults of these options. */
export const NONE: Required<CommonOptions> = {
  weightDecay: undefined,
  excludeFromWeightDecay: [],
  clipnorm: undefined,
  clipvalue: undefined,
  globalClipnorm: undefined,
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: undefined,
  lossScaleFactor: undefined,
  gradientAccumulationSteps: undefined
}

/** State of an optimizer of Keras. */
export interface State<Rule> {
  /** How many mini-batches were seen. */
  readonly count: number
  /** The sum of the gradients since the last step, shaped like the params; `null` where none are accumulated. */
  readonly accumulated: Tree
  /** The average of the params, shaped like them; `null` where none is kept. */
  readonly average: Tree
  /** State of clipping and of the rule. */
  readonly innerState: readonly [EmptyState, Rule]
}

/** State of a scaling and of the learning rate. */
export type Scaled<Scaling> = readonly [Scaling, ScaleByScheduleState]

/**
 * Around a rule what Keras does around each of them: gradients are unscaled, accumulated and clipped, params decay before the step, and are
 * averaged after it. The rule is given its learning rate, a schedule of mini-batches where gradients are accumulated.
 */
export const around = <Rule>(
  owner: string,
  learningRate: ScalarOrSchedule,
  options: Required<CommonOptions>,
  ruleOf: (rate: ScalarOrSchedule) => GradientTransformation<Rule>
): GradientTransformation<State<Rule>> => {
  const { weightDecay, excludeFromWeightDecay, useEma, emaMomentum, emaOverwriteFrequency } = options
  const { lossScaleFactor, gradientAccumulationSteps } = options
  check(owner, { weightDecay }, optional(nonNegative))
  check(owner, { excludeFromWeightDecay }, someExpressions)
  check(owner, { useEma }, boolean)
  check(owner, { emaMomentum }, inClosedUnitInterval)
  check(owner, { emaOverwriteFrequency }, optional(positiveInteger))
  check(owner, { lossScaleFactor }, optional(positive))
  check(owner, { gradientAccumulationSteps }, optional(atLeastTwo))
  const batches = gradientAccumulationSteps ?? 1
  const rate =
    typeof learningRate === 'number' || batches === 1
      ? learningRate
      : (step: number) => learningRate(batches * (step + 1) - 1)
  const { init, update } = definitionOf(owner, chain(clipping(owner, options), ruleOf(rate)))
  const excluded = excludeFromWeightDecay.map((text) => new RegExp(text))

  /** What the decay adds to params before the step of so many mini-batches. */
  const decayAt = (count: number, params: Tree): Tree | null => {
    if (weightDecay === undefined || weightDecay === 0) return null
    const share = weightDecay * (typeof learningRate === 'number' ? learningRate : learningRate(count))
    return tree.mapWithPath((path, p: Operand) => {
      const decays = !excluded.some((pattern) => pattern.test(path))
      return decays ? mul(-share, p) : zerosLike(p)
    }, params)
  }

  return transformation<State<Rule>>({
    init: (params) => ({
      count: 0,
      accumulated: batches === 1 ? null : tree.zerosLike(tree.widen(params)),
      average: useEma ? tree.widen(params) : null,
      innerState: init(params)
    }),
    update: (updates, state, params) => {
      const count = state.count + 1
      let { accumulated, average, innerState } = state
      const unscaled = lossScaleFactor === undefined ? updates : tree.map((g) => div(g, lossScaleFactor), updates)
      const total = batches === 1 ? unscaled : tree.map((g, sum) => add(g, sum), unscaled, accumulated)
      let moved = tree.zerosLike(updates)
      if (count % batches > 0) {
        accumulated = tree.castLike(total, accumulated)
      } else {
        const mean = batches === 1 ? total : tree.map((sum, g) => castLike(div(sum, batches), g), total, updates)
        const decay = decayAt(state.count, params)
        const decayed = decay === null ? params : paramsAfter(params, decay)
        const [transformed, next] = update(mean, innerState, decayed, {})
        moved = decay === null ? transformed : tree.add(transformed, decay)
        innerState = next
        accumulated = batches === 1 ? null : tree.zerosLike(accumulated)
      }
      if (!useEma) return [moved, { count, accumulated, average, innerState }]

      // Keras averages after every mini-batch, and takes the params as they are until the first step is counted.
      const steps = Math.floor(state.count / batches)
      const kept = steps === 0 ? 0 : emaMomentum
      average = tree.map(
        (a, p) => castLike(kept === 0 ? p : add(mul(kept, a), mul(1 - kept, p)), a),
        average,
        paramsAfter(params, moved)
      )
      if (emaOverwriteFrequency !== undefined && (steps + 1) % emaOverwriteFrequency === 0) {
        moved = tree.map((p, a) => sub(castLike(a, p), p), params, average)
      }
      return [moved, { count, accumulated, average, innerState }]
    }
  })
}

/** A scaling with the learning rate after it. */
export const scaled = <Scaling>(
  owner: string,
  learningRate: ScalarOrSchedule,
  options: Required<CommonOptions>,
  scaling: GradientTransformation<Scaling>
): GradientTransformation<State<Scaled<Scaling>>> =>
  around(owner, learningRate, options, (rate) => chain(scaling, scaleByLearningRate(rate)))

const clipping = (
  owner: string,
  { clipnorm, clipvalue, globalClipnorm }: Required<CommonOptions>
): GradientTransformation<EmptyState> => {
  check(owner, { clipnorm, clipvalue, globalClipnorm }, optional(positive))
  if ([clipnorm, clipvalue, globalClipnorm].filter((limit) => limit !== undefined).length > 1) {
    throw new InvalidOption(`${owner}: only one of clipnorm, clipvalue and globalClipnorm can be given`)
  }
  if (clipnorm !== undefined) return clipByNorm(clipnorm)
  if (clipvalue !== undefined) return clip(clipvalue)
  return globalClipnorm === undefined ? identity() : clipByGlobalNorm(globalClipnorm)
}

/** Regular expressions as texts. */
export const someExpressions: Requirement = {
  what: 'an array of regular expressions',
  holds: (value) => Array.isArray(value) && value.every((text) => typeof text === 'string')
}

const atLeastTwo: Requirement = {
  what: 'a whole number ≥ 2',
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 2
}
