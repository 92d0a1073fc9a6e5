import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import type { ScaleByAmsgradState } from '@gradchain/transforms'
import { adamOrAmsgrad } from '../internal/adamOrAmsgrad.js'
import { type CommonOptions, NONE, type Scaled, type State, scaled } from './internal/form.js'

/** Options of {@link adam}. */
export interface AdamOptions extends CommonOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta2?: number
  /** Added to the root of the second moment before its correction, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
  /** Whether to divide by the largest second moment so far, that before its correction. @defaultValue `false` */
  readonly amsgrad?: boolean
}

/** State of {@link adam}. */
export type AdamState = State<Scaled<ScaleByAmsgradState>>

/**
 * Keras's `Adam`.
 *
 *     adam(learningRate, { b1, b2, eps: epsilon, epsPlacement: 'hat' })      // amsgrad(…, { maxOn: 'raw', … }) when amsgrad
 *
 * epsilon is ten times that of PyTorch and Optax, and stands before the correction of the second moment, "epsilon hat": at the first step
 * it weighs 32 times as much again. A weight decay is decoupled, and acts before the step, also in what is called `Adam`.
 *
 * Of `gradientAccumulationSteps`, as in all optimizers of Keras: a schedule counts mini-batches, and is read at the last one of a step, while
 * Adam's corrections count steps. Of `useEma`: the average is that of the params after the first step, not one with those before it; it moves after each
 * mini-batch, also where none of them is the last of a step; `emaOverwriteFrequency` counts steps, and sets the params after each mini-batch of such a step.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.adam()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999… }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/adam/}
 */
export const adam = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdamOptions = {}
): GradientTransformation<AdamState> => {
  const { beta1, beta2, epsilon, amsgrad, ...common } = withDefaults<Required<AdamOptions>>('keras.adam', options, {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    amsgrad: false,
    ...NONE
  })
  return withOrigin(
    ['keras.adam', learningRate, { ...options }],
    scaled(
      'keras.adam',
      learningRate,
      common,
      adamOrAmsgrad('keras.adam', {
        b1: beta1,
        b2: beta2,
        eps: epsilon,
        epsPlacement: 'hat',
        amsgrad
      })
    )
  )
}
