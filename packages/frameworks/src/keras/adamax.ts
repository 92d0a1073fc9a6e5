import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByAdamaxState, scaleByAdamax } from '@gradchain/transforms'
import { type CommonOptions, NONE, type Scaled, type State, scaled } from './internal/form.js'

/** Options of {@link adamax}. */
export interface AdamaxOptions extends CommonOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the maximum, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta2?: number
  /** Added to the maximum, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
}

/** State of {@link adamax}. */
export type AdamaxState = State<Scaled<ScaleByAdamaxState>>

/**
 * Keras's `Adamax`.
 *
 *     adamax(learningRate, { b1, b2, eps: epsilon, epsInMax: false })
 *
 * epsilon is added to the maximum, in PyTorch and Optax to |g| inside it; the learning rate is half of PyTorch's.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.adamax()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999… }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/adamax/}
 */
export const adamax = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdamaxOptions = {}
): GradientTransformation<AdamaxState> => {
  const { beta1, beta2, epsilon, ...common } = withDefaults<Required<AdamaxOptions>>('keras.adamax', options, {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    ...NONE
  })
  return withOrigin(
    ['keras.adamax', learningRate, { ...options }],
    scaled('keras.adamax', learningRate, common, scaleByAdamax({ b1: beta1, b2: beta2, eps: epsilon, epsInMax: false }))
  )
}
