import {
  boolean,
  chain,
  check,
  type GradientTransformation,
  nonNegative,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByAdoptState,
  type ScaleByScheduleState,
  scaleByAdopt,
  scaleByLearningRate
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link adopt}. */
export interface AdoptOptions extends CautionOptions {
  /** Decay rates β₁ and β₂, each in `[0, 1)`. @defaultValue `[0.9, 0.9999]` */
  readonly betas?: Betas
  /** The least divisor, finite and > 0. @defaultValue `1e-6` */
  readonly eps?: number
  /** Power of the step that bounds what is averaged, finite and ≥ 0; `null` for no bound. @defaultValue `0.333` */
  readonly clipExp?: number | null
  /** Share λ of the params that is added to the gradient, or taken off where it is decoupled; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Whether the decay acts on the params, times the learning rate, rather than on the gradient. @defaultValue `false` */
  readonly decoupled?: boolean
}

/** State of {@link adopt}. */
export type AdoptState = readonly [
  AddDecayedWeightsState,
  ScaleByAdoptState,
  AddDecayedWeightsState,
  ScaleByScheduleState
]

/**
 * timm's `Adopt`; with `decoupled: true` it is `adoptw` of its factory.
 *
 *     chain(
 *       addDecayedWeights(weightDecay),
 *       adopt(learningRate, { b1, b2, eps, clipValueFn: (t) => t ** clipExp })
 *     )
 *
 * Nothing moves at the first step, not even by a decoupled decay. The bound grows with the step to the power 0.333, in the paper and in Optax to
 * that of a quarter.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.adopt(0.5, { betas: [0.5, 0.9] })
 * const params = { w: 8 }
 * const [next, state] = step(tx, { w: 4 }, tx.init(params), params)
 * next // => { w: 8 }
 * step(tx, { w: 2 }, state, next)[0] // => { w: 7.875 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const adopt = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: AdoptOptions = {}
): GradientTransformation<AdoptState> => {
  const owner = 'timm.adopt'
  const { betas, eps, clipExp, weightDecay, decoupled, caution } = withDefaults<Required<AdoptOptions>>(
    owner,
    options,
    { betas: [0.9, 0.9999], eps: 1e-6, clipExp: 0.333, weightDecay: 0, decoupled: false, caution: false }
  )
  check(owner, { weightDecay }, orSchedule(nonNegative))
  check(owner, { decoupled }, boolean)
  if (clipExp !== null) check(owner, { clipExp }, nonNegative)
  const bound = clipExp === null ? { useClipping: false } : { clipValueFn: (step: number) => pow(step, clipExp) }
  const share = asSchedule(weightDecay)
  const direction = scaleByAdopt({ ...namedBetas(owner, betas), eps, ...bound })
  return withOrigin(
    ['timm.adopt', learningRate, { ...options }],
    chain(
      addDecayedWeights(decoupled ? 0 : weightDecay),
      heeding(owner, caution, direction),
      addDecayedWeights(decoupled ? (step) => (step === 0 ? 0 : share(step)) : 0),
      scaleByLearningRate(learningRate)
    )
  )
}
