import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByNadamState, scaleByNadam } from '@gradchain/transforms'
import { type CommonOptions, NONE, type Scaled, type State, scaled } from './internal/form.js'

/** Options of {@link nadam}. */
export interface NadamOptions extends CommonOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta2?: number
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
}

/** State of {@link nadam}. */
export type NadamState = State<Scaled<ScaleByNadamState>>

/**
 * Keras's `Nadam`.
 *
 *     nadam(learningRate, { b1, b2, eps: epsilon, momentumDecay: 1 })
 *
 * The momentum warms up 250 times as fast as PyTorch's, 0.96ᵗ against 0.96^(0.004 t), and the learning rate is half of it. epsilon
 * stands after the correction here, and before it in Keras's own Adam.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.nadam()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.998… }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/nadam/}
 */
export const nadam = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: NadamOptions = {}
): GradientTransformation<NadamState> => {
  const { beta1, beta2, epsilon, ...common } = withDefaults<Required<NadamOptions>>('keras.nadam', options, {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    ...NONE
  })
  return withOrigin(
    ['keras.nadam', learningRate, { ...options }],
    scaled('keras.nadam', learningRate, common, scaleByNadam({ b1: beta1, b2: beta2, eps: epsilon, momentumDecay: 1 }))
  )
}
