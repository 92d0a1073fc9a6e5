import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate,
  scaleByTrustRatio
} from '@gradchain/transforms'
import { around, type CommonOptions, NONE, type State } from './internal/form.js'

/** Options of {@link lamb}. */
export interface LambOptions extends CommonOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta2?: number
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
}

/** State of {@link lamb}. */
export type LambState = State<readonly [ScaleByAdamState, EmptyState, ScaleByScheduleState]>

/**
 * Keras's `Lamb`.
 *
 *     lamb(learningRate, { b1, b2, eps: epsilon })
 *
 * A weight decay is taken off before the step, and is no part of the direction whose length is set, as it is in the paper and in Optax.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.lamb(0.5)
 * const params = { w: new Float32Array([3, -4, 0, 0]) }
 * step(tx, { w: new Float32Array([8, 8, -8, 8]) }, tx.init(params), params)[0]
 * // => { w: Float32Array [1.75, -5.25, 1.25, -1.25] }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/lamb/}
 */
export const lamb = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: LambOptions = {}
): GradientTransformation<LambState> => {
  const { beta1, beta2, epsilon, ...common } = withDefaults<Required<LambOptions>>('keras.lamb', options, {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    ...NONE
  })
  return withOrigin(
    ['keras.lamb', learningRate, { ...options }],
    around('keras.lamb', learningRate, common, (rate) =>
      chain(scaleByAdam({ b1: beta1, b2: beta2, eps: epsilon }), scaleByTrustRatio(), scaleByLearningRate(rate))
    )
  )
}
