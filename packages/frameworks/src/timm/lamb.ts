import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  identity,
  nonNegative,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { mulSchedules, type ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  clipByGlobalNorm,
  type DecayFirstState,
  decayFirst,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate,
  scaleByTrustRatio
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link lamb}. */
export interface LambOptions extends CautionOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number
  /** Share λ of the params that is part of the direction, or taken off where it is decoupled; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
  /** The largest norm of all gradients together, finite and > 0; `null` for none. @defaultValue `1` */
  readonly maxGradNorm?: number | null
  /** Whether to scale to the length of the params also without a decay. @defaultValue `false` */
  readonly alwaysAdapt?: boolean
  /** Whether the decay comes before the step, times the learning rate. @defaultValue `false` */
  readonly decoupledDecay?: boolean
}

/** State of {@link lamb}. */
export type LambState = readonly [
  EmptyState,
  DecayFirstState<readonly [ScaleByAdamState, AddDecayedWeightsState, EmptyState, ScaleByScheduleState]>
]

/**
 * timm's `Lamb`.
 *
 *     chain(clipByGlobalNorm(maxGradNorm), lamb(learningRate, { b1, b2, eps, weightDecay }))
 *
 * Without a decay there is no trust ratio, and it is Adam, unless `alwaysAdapt`: so with the decay of 0 that timm's factory gives it. All gradients together
 * are clipped to norm 1 by default.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.lamb(0.5, { eps: 0, weightDecay: 0, alwaysAdapt: true })
 * const params = { w: new Float32Array([3, -4, 0, 0]) }
 * step(tx, { w: new Float32Array([8, 8, -8, 8]) }, tx.init(params), params)[0]
 * // => { w: Float32Array [1.75, -5.25, 1.25, -1.25] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const lamb = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: LambOptions = {}
): GradientTransformation<LambState> => {
  const owner = 'timm.lamb'
  const { betas, eps, weightDecay, maxGradNorm, alwaysAdapt, decoupledDecay, caution } = withDefaults<
    Required<LambOptions>
  >(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-6,
    weightDecay: 0.01,
    maxGradNorm: 1,
    alwaysAdapt: false,
    decoupledDecay: false,
    caution: false
  })
  check(owner, { weightDecay }, orSchedule(nonNegative))
  check(owner, { alwaysAdapt, decoupledDecay }, boolean)
  const rule = chain(
    heeding(owner, caution, scaleByAdam({ ...namedBetas(owner, betas), eps })),
    addDecayedWeights(decoupledDecay ? 0 : weightDecay),
    weightDecay !== 0 || alwaysAdapt ? scaleByTrustRatio() : identity(),
    scaleByLearningRate(learningRate)
  )
  return withOrigin(
    ['timm.lamb', learningRate, { ...options }],
    chain(
      maxGradNorm === null ? identity() : clipByGlobalNorm(maxGradNorm),
      decayFirst(rule, decoupledDecay ? mulSchedules(weightDecay, learningRate) : 0)
    )
  )
}
