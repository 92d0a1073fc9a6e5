import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  clipByBlockRms,
  type ScaleByFactoredRmsState,
  type ScaleByScheduleState,
  scaleByFactoredRms,
  scaleByLearningRate,
  scaleByParamBlockRms
} from '@gradchain/transforms'
import { around, type CommonOptions, NONE, type State } from './internal/form.js'

/** Options of {@link adafactor}. */
export interface AdafactorOptions extends CommonOptions {
  /** The exponent with which the decay rate nears 1, finite and ≤ 0. @defaultValue `-0.8` */
  readonly beta2Decay?: number
  /** Added to each square of a gradient, finite and ≥ 0. @defaultValue `1e-30` */
  readonly epsilon1?: number
  /** The least scale of the params, finite and ≥ 0. @defaultValue `1e-3` */
  readonly epsilon2?: number
  /** The largest root mean square of an array of updates, finite and > 0. @defaultValue `1` */
  readonly clipThreshold?: number
}

/** State of {@link adafactor}. */
export type AdafactorState = State<readonly [ScaleByFactoredRmsState, EmptyState, EmptyState, ScaleByScheduleState]>

/**
 * Keras's `Adafactor`.
 *
 *     adafactor((t) => Math.min(learningRate, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1, decayRate: -beta2Decay, … })
 *
 * Every matrix is factored, Optax's only from 128 rows and columns; of an array with more axes Keras factors the last two, this the two
 * longest. The learning rate is always capped by 1 / √t: Keras's `relative_step=False` leaves one such cap out and the other in, so that
 * it changes nothing, and there is no such option here.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.adafactor(0.5)
 * const params = { w: new Float32Array([1, -1]) }
 * step(tx, { w: new Float32Array([3, 3]) }, tx.init(params), params)[0] // => { w: Float32Array [0.5, -1.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/adafactor/}
 */
export const adafactor = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdafactorOptions = {}
): GradientTransformation<AdafactorState> => {
  const { beta2Decay, epsilon1, epsilon2, clipThreshold, ...common } = withDefaults<Required<AdafactorOptions>>(
    'keras.adafactor',
    options,
    {
      beta2Decay: -0.8,
      epsilon1: 1e-30,
      epsilon2: 1e-3,
      clipThreshold: 1,
      ...NONE
    }
  )
  return withOrigin(
    ['keras.adafactor', learningRate, { ...options }],
    around('keras.adafactor', learningRate, common, (rate) =>
      chain(
        scaleByFactoredRms({ decayRate: 0 - beta2Decay, minDimSizeToFactor: 1, epsilon: epsilon1 }),
        clipByBlockRms(clipThreshold),
        scaleByParamBlockRms({ minScale: epsilon2 }),
        scaleByLearningRate((step) => Math.min(typeof rate === 'number' ? rate : rate(step), 1 / Math.sqrt(step + 1)))
      )
    )
  )
}
