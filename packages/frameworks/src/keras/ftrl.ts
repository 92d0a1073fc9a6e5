import { type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByFtrlState, scaleByFtrl } from '@gradchain/transforms'
import { around, type CommonOptions, NONE, type State } from './internal/form.js'

/** Options of {@link ftrl}. */
export interface FtrlOptions extends CommonOptions {
  /** Power of the sum of squares that the rate falls with, finite and ≤ 0. @defaultValue `-0.5` */
  readonly learningRatePower?: number
  /** The sum of squares before the first update, finite and ≥ 0. @defaultValue `0.1` */
  readonly initialAccumulatorValue?: number
  /** Strength λ₁ of the L1 penalty, finite and ≥ 0. @defaultValue `0` */
  readonly l1RegularizationStrength?: number
  /** Strength λ of the penalty λ p², finite and ≥ 0. @defaultValue `0` */
  readonly l2RegularizationStrength?: number
  /** Strength of such a penalty that goes into the gradient, finite and ≥ 0. @defaultValue `0` */
  readonly l2ShrinkageRegularizationStrength?: number
  /** Added to the root of the sum of squares, finite and ≥ 0. @defaultValue `0` */
  readonly beta?: number
}

/** State of {@link ftrl}. */
export type FtrlState = State<ScaleByFtrlState>

/**
 * Keras's `Ftrl`.
 *
 *     ftrl(learningRate, { initialAccumulatorValue: 0.1, beta: 0, l2: 2 * λ, l2Shrinkage: 2 * s, pastRate: 'current', … })
 *
 * The params forget where they began at the first step, and go to where the sum of gradients alone would have them: from 1 to 0.239 in one of
 * gradient 0.27. They should begin at 0. Penalties are λ p², not λ p² / 2, so that a strength counts twice that of the paper.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.ftrl(1, { initialAccumulatorValue: 0, l1RegularizationStrength: 1 })
 * const params = { w: 0 }
 * step(tx, { w: 4 }, tx.init(params), params)[0] // => { w: -0.75 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/ftrl/}
 */
export const ftrl = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: FtrlOptions = {}
): GradientTransformation<FtrlState> => {
  const chosen = withDefaults<Required<FtrlOptions>>('keras.ftrl', options, {
    learningRatePower: -0.5,
    initialAccumulatorValue: 0.1,
    l1RegularizationStrength: 0,
    l2RegularizationStrength: 0,
    l2ShrinkageRegularizationStrength: 0,
    beta: 0,
    ...NONE
  })
  const { learningRatePower, initialAccumulatorValue, beta, ...rest } = chosen
  const { l1RegularizationStrength, l2RegularizationStrength, l2ShrinkageRegularizationStrength, ...common } = rest
  return withOrigin(
    ['keras.ftrl', learningRate, { ...options }],
    around('keras.ftrl', learningRate, common, (rate) =>
      scaleByFtrl(rate, {
        learningRatePower,
        initialAccumulatorValue,
        beta,
        l1: l1RegularizationStrength,
        l2: 2 * l2RegularizationStrength,
        l2Shrinkage: 2 * l2ShrinkageRegularizationStrength,
        pastRate: 'current'
      })
    )
  )
}
