import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByAdadeltaState, scaleByAdadelta } from '@gradchain/transforms'
import { type CommonOptions, NONE, type Scaled, type State, scaled } from './internal/form.js'

/** Options of {@link adadelta}. */
export interface AdadeltaOptions extends CommonOptions {
  /** Decay rate ρ of both mean squares, in `[0, 1)`. @defaultValue `0.95` */
  readonly rho?: number
  /** Added inside both roots, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
}

/** State of {@link adadelta}. */
export type AdadeltaState = State<Scaled<ScaleByAdadeltaState>>

/**
 * Keras's `Adadelta`.
 *
 *     adadelta(learningRate, { rho, eps: epsilon })
 *
 * The learning rate is a thousandth of that of the paper and of PyTorch: with it, Adadelta all but stands still. Give it 1.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.adadelta()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999… }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/adadelta/}
 */
export const adadelta = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdadeltaOptions = {}
): GradientTransformation<AdadeltaState> => {
  const { rho, epsilon, ...common } = withDefaults<Required<AdadeltaOptions>>('keras.adadelta', options, {
    rho: 0.95,
    epsilon: 1e-7,
    ...NONE
  })
  return withOrigin(
    ['keras.adadelta', learningRate, { ...options }],
    scaled('keras.adadelta', learningRate, common, scaleByAdadelta({ rho, eps: epsilon }))
  )
}
