import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  nonNegative,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type SgdState, sgd } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByScheduleState,
  scale,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link sgdw}. */
export interface SgdwOptions extends CautionOptions {
  /** Decay rate β of the momentum, in `[0, 1]`; with 0 there is none. @defaultValue `0` */
  readonly momentum?: number
  /** Share of each gradient after the first that the momentum leaves out, in `[0, 1]`. @defaultValue `0` */
  readonly dampening?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
}

/** State of {@link sgdw}. */
export type SgdwState = readonly [readonly [SgdState, EmptyState], AddDecayedWeightsState, ScaleByScheduleState]

/**
 * timm's `SGDW`: PyTorch's SGD with a decoupled decay.
 *
 *     chain(trace(momentum, { dampening, nesterov }), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))
 *
 * The factory's `sgdw` has momentum 0.9 and Nesterov's. Without momentum caution does nothing.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.sgdw(0.5)
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.75 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const sgdw = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: SgdwOptions = {}
): GradientTransformation<SgdwState> => {
  const owner = 'timm.sgdw'
  const { momentum, dampening, weightDecay, nesterov, caution } = withDefaults<Required<SgdwOptions>>(owner, options, {
    momentum: 0,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
    caution: false
  })
  check(owner, { weightDecay }, orSchedule(nonNegative))
  check(owner, { caution }, boolean)
  const kept = sgd(1, { momentum: momentum === 0 ? undefined : momentum, dampening, nesterov })
  const direction = heeding(owner, caution && momentum !== 0, chain(kept, scale(-1)))
  return withOrigin(
    ['timm.sgdw', learningRate, { ...options }],
    chain(direction, addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))
  )
}
