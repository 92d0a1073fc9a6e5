import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  InvalidOption,
  identity,
  nonNegative,
  show,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  clipByBlockRms,
  type ScaleByFactoredRmsState,
  type ScaleByScheduleState,
  scale,
  scaleByFactoredRms,
  scaleByLearningRate,
  scaleByParamBlockRms
} from '@gradchain/transforms'
import { rateAt } from './internal/form.js'

/** Options of {@link adafactor}. */
export interface AdafactorOptions {
  /** The exponent with which the decay rate nears 1, finite and ≤ 0. @defaultValue `-0.8` */
  readonly beta2Decay?: number
  /**
   * The floors: of the root mean square of gradients, `null` for the smallest that tells a float64 from 1, and of that of params.
   * @defaultValue `[null, 1e-3]`
   */
  readonly eps?: readonly [gradient: number | null, param: number]
  /** The largest root mean square of an array of updates, finite and > 0. @defaultValue `1` */
  readonly d?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether to ascend; the decay stays one. @defaultValue `false` */
  readonly maximize?: boolean
}

/** State of {@link adafactor}. */
export type AdafactorState = readonly [
  EmptyState,
  ScaleByFactoredRmsState,
  EmptyState,
  EmptyState,
  ScaleByScheduleState,
  AddDecayedWeightsState
]

/**
 * PyTorch's `torch.optim.Adafactor`.
 *
 *     adafactor((t) => Math.min(learningRate, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1, decayRate: -beta2Decay, … })
 *
 * Every matrix is factored, Optax's only from 128 rows and columns. Of an array with more axes PyTorch factors the last two, this
 * the two longest. The learning rate is capped by 1 / √t, which bites where it is above 0.1 within the first hundred steps, and is
 * relative to the size of the params; the decay is neither. PyTorch's floor below squares is the square of `eps[0]`
 * as a maximum, here it is added; its default is that of the dtype, for float32 `[1.2e-7, 1e-3]`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-2` by default.
 *
 * @example
 * const tx = pytorch.adafactor()
 * const params = { w: new Float32Array([1, -1]) }
 * step(tx, { w: new Float32Array([3, 3]) }, tx.init(params), params)[0] // => { w: Float32Array [0.9900…, -1.0099…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html}
 */
export const adafactor = (
  learningRate: ScalarOrSchedule = 1e-2,
  options: AdafactorOptions = {}
): GradientTransformation<AdafactorState> => {
  const { beta2Decay, eps, d, weightDecay, maximize } = withDefaults<Required<AdafactorOptions>>(
    'pytorch.adafactor',
    options,
    { beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0, maximize: false }
  )
  check('pytorch.adafactor', { weightDecay }, nonNegative)
  check('pytorch.adafactor', { maximize }, boolean)
  if (!Array.isArray(eps) || eps.length !== 2) {
    throw new InvalidOption(`pytorch.adafactor: eps must be two numbers, got ${show(eps)}`)
  }
  const [floor, minScale] = eps
  const least = floor ?? Number.EPSILON
  check('pytorch.adafactor', { 'eps[0]': least }, nonNegative)

  return withOrigin(
    ['pytorch.adafactor', learningRate, { ...options }],
    chain(
      maximize ? scale(-1) : identity(),
      scaleByFactoredRms({ decayRate: 0 - beta2Decay, minDimSizeToFactor: 1, epsilon: least * least }),
      clipByBlockRms(d),
      scaleByParamBlockRms({ minScale }),
      scaleByLearningRate(rateAt(learningRate, (lr, t) => Math.min(lr, 1 / Math.sqrt(t + 1)))),
      addDecayedWeights(rateAt(learningRate, (lr) => 0 - lr * weightDecay))
    )
  )
}
