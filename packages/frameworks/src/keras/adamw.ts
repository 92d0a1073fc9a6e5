import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import type { ScaleByAmsgradState } from '@gradchain/transforms'
import { adamOrAmsgrad } from '../internal/adamOrAmsgrad.js'
import { type CommonOptions, NONE, type Scaled, type State, scaled } from './internal/form.js'

/** Options of {@link adamw}. */
export interface AdamwOptions extends CommonOptions {
  /** Share λ of the params that is taken off before each step, times the learning rate, finite and ≥ 0. @defaultValue `0.004` */
  readonly weightDecay?: number | undefined
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta2?: number
  /** Added to the root of the second moment before its correction, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
  /** Whether to divide by the largest second moment so far, that before its correction. @defaultValue `false` */
  readonly amsgrad?: boolean
}

/** State of {@link adamw}. */
export type AdamwState = State<Scaled<ScaleByAmsgradState>>

/**
 * Keras's `AdamW`: {@link adam} with a decay by default.
 *
 *     adamw(learningRate, { b1, b2, eps: epsilon, epsPlacement: 'hat', weightDecay })
 *
 * The default decay is 0.004, where PyTorch has 0.01 and Optax 1e-4. It acts on every param, biases too, unless `excludeFromWeightDecay` names them. For what else differs from PyTorch see {@link adam}.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.adamw(0.5)
 * const params = { w: 1 }
 * step(tx, { w: 1e6 }, tx.init(params), params)[0] // => { w: 0.498… }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/adamw/}
 */
export const adamw = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdamwOptions = {}
): GradientTransformation<AdamwState> => {
  const { beta1, beta2, epsilon, amsgrad, ...common } = withDefaults<Required<AdamwOptions>>('keras.adamw', options, {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    amsgrad: false,
    ...NONE,
    weightDecay: 0.004
  })
  return withOrigin(
    ['keras.adamw', learningRate, { ...options }],
    scaled(
      'keras.adamw',
      learningRate,
      common,
      adamOrAmsgrad('keras.adamw', {
        b1: beta1,
        b2: beta2,
        eps: epsilon,
        epsPlacement: 'hat',
        amsgrad
      })
    )
  )
}
