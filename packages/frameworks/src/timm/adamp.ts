import {
  boolean,
  chain,
  check,
  type GradientTransformation,
  nonNegative,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ProjectRadialState,
  projectRadial,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { scaleByNesterovAdam } from './internal/scaleByNesterovAdam.js'

/** Options of {@link adamp}. */
export interface AdampOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.999]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment and to the length of params, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** How far from a right angle gradients and params may be, in units of a cosine by chance, finite and ≥ 0. @defaultValue `0.1` */
  readonly delta?: number
  /** How much of the weight decay is left where something is taken out, finite and ≥ 0. @defaultValue `0.1` */
  readonly wdRatio?: number
  /** Whether the mean looks one step ahead, as in {@link nadamw}. @defaultValue `false` */
  readonly nesterov?: boolean
}

/** State of {@link adamp}. */
export type AdampState = readonly [ProjectRadialState<ScaleByAdamState>, ScaleByScheduleState]

/**
 * timm's `AdamP`.
 *
 *     adamp(learningRate, { b1, b2, eps, weightDecay, delta, wdRatio })
 *
 * With `nesterov` the first step is 1.9 learning rates, as that of {@link nadamw}. The factory's `adamp` has that, and a `wdRatio` of 0.01.
 * timm's `caution` takes the radial part out of what is left once more; it is not here.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.adamp(0.5, { weightDecay: 0.5 })
 * const params = { kernel: ndarray(new Float64Array([2, 0]), [1, 2]) }
 * // The gradient is across the params: half a step across them, and a tenth of the decay.
 * const [next] = step(tx, { kernel: ndarray(new Float64Array([0, 3]), [1, 2]) }, tx.init(params), params)
 * next.kernel.data // => Float64Array [1.95, -0.49…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const adamp = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdampOptions = {}
): GradientTransformation<AdampState> => {
  const owner = 'timm.adamp'
  const { betas, eps, nesterov, ...radial } = withDefaults<Required<AdampOptions>>(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    delta: 0.1,
    wdRatio: 0.1,
    nesterov: false
  })
  check(owner, { weightDecay: radial.weightDecay }, nonNegative)
  check(owner, { nesterov }, boolean)
  const adam = { ...namedBetas(owner, betas), eps }
  const direction = nesterov ? scaleByNesterovAdam(owner, adam) : scaleByAdam(adam)
  return withOrigin(
    [owner, learningRate, { ...options }],
    chain(projectRadial(direction, { ...radial, eps }), scaleByLearningRate(learningRate))
  )
}
