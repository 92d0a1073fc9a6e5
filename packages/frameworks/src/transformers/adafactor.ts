import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  InvalidOption,
  identity,
  inUnitInterval,
  nonNegative,
  optional,
  show,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  clipByBlockRms,
  type EmaState,
  type ScaleByFactoredRmsState,
  type ScaleByScheduleState,
  scaleByFactoredRms,
  scaleByLearningRate,
  scaleByParamBlockRms
} from '@gradchain/transforms'
import { type DecayBySizeState, decayBySize } from '../internal/decayBySize.js'
import { keptMean } from '../internal/keptMean.js'
import { rateOf } from '../internal/rateOf.js'

/** Options of {@link adafactor}. */
export interface AdafactorOptions {
  /** Added to each square of a gradient, and the least scale of the params, finite and ≥ 0. @defaultValue `[1e-30, 1e-3]` */
  readonly eps?: readonly [square: number, scale: number]
  /** The largest root mean square of an array of updates, finite and > 0. @defaultValue `1` */
  readonly clipThreshold?: number
  /** The exponent with which the decay rate nears 1, finite and ≤ 0. @defaultValue `-0.8` */
  readonly decayRate?: number
  /** Decay rate β₁ of a mean of steps, in `[0, 1)`; without it there is none. @defaultValue `undefined` */
  readonly beta1?: number | undefined
  /** Share λ of the params that is taken off at each step, times the learning rate as it is then; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the learning rate is times the root mean square of the params. @defaultValue `true` */
  readonly scaleParameter?: boolean
  /** Whether there is no learning rate, but min(0.01, 1 / √t). @defaultValue `true` where no learning rate is given */
  readonly relativeStep?: boolean | undefined
  /** Whether the 0.01 of it is 1e-6 · t, only with `relativeStep`. @defaultValue `false` */
  readonly warmupInit?: boolean
}

/** State of {@link adafactor}; without `beta1` its mean is `null`. */
export type AdafactorState = readonly [
  ScaleByFactoredRmsState,
  EmptyState,
  EmptyState,
  ScaleByScheduleState,
  EmaState,
  DecayBySizeState
]

/**
 * transformers' `Adafactor`.
 *
 *     chain(
 *       scaleByFactoredRms({ decayRate: -decayRate, epsilon: eps[0], minDimSizeToFactor: 1 }),
 *       clipByBlockRms(clipThreshold),
 *       scaleByParamBlockRms({ minScale: eps[1] }),                                   // unless scaleParameter is false
 *       scaleByLearningRate((t) => Math.min(0.01, 1 / Math.sqrt(t + 1)))              // or the learning rate
 *       ema(beta1, { debias: false })                                                 // where beta1 is given
 *     )
 *
 * Without a learning rate it finds one itself, and there a given one with `relative_step=True` is an error, as here. `scaleParameter` is on also with
 * a given learning rate, which is then a share of the size of the params: timm's drops it there. The decay too is relative to that size.
 * Every matrix is factored.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; none by default.
 *
 * @example
 * const tx = transformers.adafactor()
 * const params = { w: new Float32Array([1, -1]) }
 * step(tx, { w: new Float32Array([3, 3]) }, tx.init(params), params)[0] // => { w: Float32Array [0.9900…, -1.0099…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range, for a learning rate with `relativeStep`, and for
 * `warmupInit` without; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules#transformers.Adafactor}
 */
export const adafactor = (
  learningRate?: ScalarOrSchedule,
  options: AdafactorOptions = {}
): GradientTransformation<AdafactorState> => {
  const owner = 'transformers.adafactor'
  const chosen = withDefaults<Required<AdafactorOptions>>(owner, options, {
    eps: [1e-30, 1e-3],
    clipThreshold: 1,
    decayRate: -0.8,
    beta1: undefined,
    weightDecay: 0,
    scaleParameter: true,
    relativeStep: undefined,
    warmupInit: false
  })
  const { eps, clipThreshold, decayRate, beta1, weightDecay, scaleParameter, warmupInit } = chosen
  const { relativeStep = learningRate === undefined } = chosen
  check(owner, { scaleParameter, relativeStep, warmupInit }, boolean)
  check(owner, { weightDecay }, nonNegative)
  check(owner, { beta1 }, optional(inUnitInterval))
  if (!Array.isArray(eps) || eps.length !== 2)
    throw new InvalidOption(`${owner}: eps must be two numbers, got ${show(eps)}`)
  if (relativeStep === (learningRate !== undefined)) {
    throw new InvalidOption(`${owner}: there must be a learning rate or relativeStep, and not both`)
  }
  if (warmupInit && !relativeStep) throw new InvalidOption(`${owner}: warmupInit must be left out without relativeStep`)
  const [epsilon, minScale] = eps
  const most = (step: number): number => (warmupInit ? 1e-6 * (step + 1) : 1e-2)

  const rate =
    learningRate === undefined ? (step: number) => Math.min(most(step), 1 / Math.sqrt(step + 1)) : rateOf(learningRate)

  return withOrigin(
    ['transformers.adafactor', learningRate, { ...options }],
    chain(
      scaleByFactoredRms({ decayRate: 0 - decayRate, minDimSizeToFactor: 1, epsilon }),
      clipByBlockRms(clipThreshold),
      scaleParameter ? scaleByParamBlockRms({ minScale }) : identity(),
      scaleByLearningRate(rate),
      keptMean(owner, beta1),
      decayBySize((step) => weightDecay * rate(step), scaleParameter ? minScale : null)
    )
  )
}
