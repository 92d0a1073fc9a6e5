import {
  chain,
  check,
  type GradientTransformation,
  nonNegativeInteger,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByAdamState,
  type ScaleByScheduleState,
  type ScheduleFreeState,
  scaleByAdam,
  scaleByLearningRate,
  scheduleFree
} from '@gradchain/transforms'
import { around, type CommonOptions, NONE, type State } from './internal/form.js'

/** Options of {@link scheduleFreeAdamw}. */
export interface ScheduleFreeAdamwOptions extends CommonOptions {
  /** Share β₁ of the average in the params, in `(0, 1]`. @defaultValue `0.9` */
  readonly beta1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly beta2?: number
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly epsilon?: number
  /** Number of steps in which the learning rate rises from its share to all of it, a whole number ≥ 0. @defaultValue `0` */
  readonly warmupSteps?: number
}

/** State of {@link scheduleFreeAdamw}; `scheduleFreeEvalParams(state.innerState[1], params)` gives the average. */
export type ScheduleFreeAdamwState = State<ScheduleFreeState<readonly [ScaleByAdamState, ScaleByScheduleState]>>

/**
 * Keras's `ScheduleFreeAdamW`.
 *
 *     scheduleFree(chain(scaleByAdam({ b1: 0, b2, eps: epsilon }), scaleByLearningRate(learningRate)), learningRate, {
 *       b1: beta1,
 *       weightLrPower: 0
 *     })
 *
 * All steps weigh alike in the average, those of the warmup too, where Optax and the authors weigh by the square of the largest learning rate.
 * A weight decay shrinks the params and leaves alone the point z that moves; there is none by default, whatever the name says. Keras leaves it to
 * the user to go to the average before evaluating. On PyTorch it overwrites the old z before it reads it, by which its params are others than on
 * JAX and TensorFlow, and than these.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `2.5e-3` by default.
 *
 * @example
 * const tx = keras.scheduleFreeAdamw(0.5, { epsilon: 0 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 7.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/}
 */
export const scheduleFreeAdamw = (
  learningRate: ScalarOrSchedule = 2.5e-3,
  options: ScheduleFreeAdamwOptions = {}
): GradientTransformation<ScheduleFreeAdamwState> => {
  const owner = 'keras.scheduleFreeAdamw'
  const { beta1, beta2, epsilon, warmupSteps, ...common } = withDefaults<Required<ScheduleFreeAdamwOptions>>(
    owner,
    options,
    { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, warmupSteps: 0, ...NONE }
  )
  check(owner, { warmupSteps }, nonNegativeInteger)
  return withOrigin(
    ['keras.scheduleFreeAdamw', learningRate, { ...options }],
    around(owner, learningRate, common, (given) => {
      const rate = (step: number): number =>
        (typeof given === 'number' ? given : given(step)) * Math.min(1, (step + 1) / Math.max(1, warmupSteps))
      const rule = chain(scaleByAdam({ b1: 0, b2: beta2, eps: epsilon }), scaleByLearningRate(rate))
      return scheduleFree(rule, rate, { b1: beta1, weightLrPower: 0 })
    })
  )
}
