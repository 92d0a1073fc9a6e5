import { chain, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdadeltaState,
  type ScaleByScheduleState,
  scaleByAdadelta,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type CommonOptions, type State, withPenalty } from './internal/form.js'

/** Options of {@link adadelta}. */
export interface AdadeltaOptions extends CommonOptions {
  /** Decay rate ρ of both mean squares, in `[0, 1)`. @defaultValue `0.9` */
  readonly rho?: number
  /** Added inside both roots, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number
}

/** State of {@link adadelta}. */
export type AdadeltaState = State<readonly [ScaleByAdadeltaState, ScaleByScheduleState]>

/**
 * PyTorch's `torch.optim.Adadelta`.
 *
 *     adadelta(learningRate, { rho, eps, weightDecay })
 *
 * The default learning rate is 1, that of the paper; Keras's is 0.001, with which Adadelta all but stands still.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1` by default.
 *
 * @example
 * const tx = pytorch.adadelta(0.5, { rho: 0.75, eps: 4 })
 * const params = { w: 4 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: 2.585… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html}
 */
export const adadelta = (
  learningRate: ScalarOrSchedule = 1,
  options: AdadeltaOptions = {}
): GradientTransformation<AdadeltaState> => {
  const { rho, eps, ...common } = withDefaults<Required<AdadeltaOptions>>('pytorch.adadelta', options, {
    rho: 0.9,
    eps: 1e-6,
    weightDecay: 0,
    maximize: false
  })
  return withOrigin(
    ['pytorch.adadelta', learningRate, { ...options }],
    withPenalty('pytorch.adadelta', common, chain(scaleByAdadelta({ rho, eps }), scaleByLearningRate(learningRate)))
  )
}
