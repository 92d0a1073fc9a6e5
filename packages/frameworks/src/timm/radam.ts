import { chain, check, type GradientTransformation, nonNegative, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByRadamState,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByRadam
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'

/** Options of {@link radam}. */
export interface RadamOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the second moment before its correction, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
}

/** State of {@link radam}. */
export type RadamState = readonly [ScaleByRadamState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * timm's `RAdamLegacy`: RAdam with a decoupled decay, where PyTorch's goes into the gradient unless it is told otherwise.
 *
 *     radam(learningRate, { b1, b2, eps, epsPlacement: 'hat', weightDecay })
 *
 * timm computes in float32 whatever the dtype; this in the dtype of the params.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.radam(0.5, { weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 2 }, tx.init(params), params)[0] // => { w: 5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const radam = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: RadamOptions = {}
): GradientTransformation<RadamState> => {
  const owner = 'timm.radam'
  const { betas, eps, weightDecay } = withDefaults<Required<RadamOptions>>(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0
  })
  check(owner, { weightDecay }, nonNegative)
  return withOrigin(
    ['timm.radam', learningRate, { ...options }],
    chain(
      scaleByRadam({ ...namedBetas(owner, betas), eps, epsPlacement: 'hat' }),
      addDecayedWeights(weightDecay),
      scaleByLearningRate(learningRate)
    )
  )
}
