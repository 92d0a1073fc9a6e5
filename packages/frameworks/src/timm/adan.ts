import {
  boolean,
  chain,
  check,
  type GradientTransformation,
  InvalidOption,
  nonNegative,
  show,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { mulSchedules, type ScalarOrSchedule } from '@gradchain/schedules'
import {
  type DecayFirstState,
  decayFirst,
  type ScaleByAdanState,
  type ScaleByScheduleState,
  scaleByAdan,
  scaleByLearningRate
} from '@gradchain/transforms'
import { shrinkAfter } from '../internal/shrinkAfter.js'

/** Options of {@link adan}. */
export interface AdanOptions {
  /** Decay rates β₁, β₂ and β₃ of the three moments, each in `[0, 1)`: the shares that are kept. @defaultValue `[0.98, 0.92, 0.99]` */
  readonly betas?: readonly [beta1: number, beta2: number, beta3: number]
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the decay is subtracted, before the step. @defaultValue `false` */
  readonly noProx?: boolean
}

/** State of {@link adan}. */
export type AdanState = DecayFirstState<readonly [ScaleByAdanState, ScaleByScheduleState]>

/**
 * timm's `Adan`.
 *
 *     adan(learningRate, { b1, b2, b3, eps, epsRoot: 0, weightDecay })
 *
 * The decay divides by 1 + α λ after the step, as in the paper; `noProx: true`, which is `adanw` of timm's factory, takes it
 * off before the step, as Optax does. timm's `caution` leaves out the mean of gradients alone and not that of their changes; it is not here.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.adan()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const adan = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdanOptions = {}
): GradientTransformation<AdanState> => {
  const owner = 'timm.adan'
  const { betas, eps, weightDecay, noProx } = withDefaults<Required<AdanOptions>>(owner, options, {
    betas: [0.98, 0.92, 0.99],
    eps: 1e-8,
    weightDecay: 0,
    noProx: false
  })
  check(owner, { weightDecay }, nonNegative)
  check(owner, { noProx }, boolean)
  if (!Array.isArray(betas) || betas.length !== 3) {
    throw new InvalidOption(`${owner}: betas must be three numbers, got ${show(betas)}`)
  }
  const [b1, b2, b3] = betas
  const rule = chain(scaleByAdan({ b1, b2, b3, eps }), scaleByLearningRate(learningRate))
  const share = mulSchedules(weightDecay, learningRate)
  return withOrigin(
    [owner, learningRate, { ...options }],
    noProx ? decayFirst(rule, share) : shrinkAfter(owner, rule, share, 'proximal')
  )
}
