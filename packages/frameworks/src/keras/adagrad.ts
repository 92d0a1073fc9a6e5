import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByRssState, scaleByRss } from '@gradchain/transforms'
import { type CommonOptions, NONE, type Scaled, type State, scaled } from './internal/form.js'

/** Options of {@link adagrad}. */
export interface AdagradOptions extends CommonOptions {
  /** The sum of squares before the first update, finite and ≥ 0. @defaultValue `0.1` */
  readonly initialAccumulatorValue?: number
  /** Added inside the root, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
}

/** State of {@link adagrad}. */
export type AdagradState = State<Scaled<ScaleByRssState>>

/**
 * Keras's `Adagrad`.
 *
 *     adagrad(learningRate, { initialAccumulatorValue, eps: epsilon })
 *
 * The sum of squares begins at 0.1, in PyTorch at 0, and the learning rate is a tenth of PyTorch's: Keras's documentation says itself that
 * the paper's would be 1.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.adagrad()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999… }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/adagrad/}
 */
export const adagrad = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdagradOptions = {}
): GradientTransformation<AdagradState> => {
  const { initialAccumulatorValue, epsilon, ...common } = withDefaults<Required<AdagradOptions>>(
    'keras.adagrad',
    options,
    {
      initialAccumulatorValue: 0.1,
      epsilon: 1e-7,
      ...NONE
    }
  )
  return withOrigin(
    ['keras.adagrad', learningRate, { ...options }],
    scaled('keras.adagrad', learningRate, common, scaleByRss({ initialAccumulatorValue, eps: epsilon }))
  )
}
