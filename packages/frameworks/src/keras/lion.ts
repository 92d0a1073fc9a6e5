import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByLionState, scaleByLion } from '@gradchain/transforms'
import { type CommonOptions, NONE, type Scaled, type State, scaled } from './internal/form.js'

/** Options of {@link lion}. */
export interface LionOptions extends CommonOptions {
  /** Share β₁ of the momentum in the update, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the momentum, in `[0, 1)`. @defaultValue `0.99` */
  readonly beta2?: number
}

/** State of {@link lion}. */
export type LionState = State<Scaled<ScaleByLionState>>

/**
 * Keras's `Lion`.
 *
 *     lion(learningRate, { b1, b2, weightDecay: 0 })
 *
 * There is no decay by default, in Optax 1e-3. Each element moves by the learning rate at each step, which is Adam's by default: ten times
 * what the paper recommends.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.lion()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/lion/}
 */
export const lion = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: LionOptions = {}
): GradientTransformation<LionState> => {
  const { beta1, beta2, ...common } = withDefaults<Required<LionOptions>>('keras.lion', options, {
    beta1: 0.9,
    beta2: 0.99,
    ...NONE
  })
  return withOrigin(
    ['keras.lion', learningRate, { ...options }],
    scaled('keras.lion', learningRate, common, scaleByLion({ b1: beta1, b2: beta2 }))
  )
}
