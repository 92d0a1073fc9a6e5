import {
  boolean,
  chain,
  check,
  type GradientTransformation,
  nonNegative,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { mulSchedules, type ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type DecayFirstState,
  decayFirst,
  type ScaleByMadgradState,
  scaleByMadgrad
} from '@gradchain/transforms'

/** Options of {@link madgrad}. */
export interface MadgradOptions {
  /** Share of the params that each step keeps, in `[0, 1)`. @defaultValue `0.9` */
  readonly momentum?: number
  /** Added to the learning rate and to the cubic root, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number
  /** Share λ of the params that is added to the gradient, or taken off where it is decoupled; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the decay acts on the params, times the learning rate, rather than on the gradient. @defaultValue `false` */
  readonly decoupledDecay?: boolean
}

/** State of {@link madgrad}. */
export type MadgradState = readonly [AddDecayedWeightsState, DecayFirstState<ScaleByMadgradState>]

/**
 * timm's `MADGRAD`; with `decoupledDecay: true` it is `madgradw` of its factory.
 *
 *     madgrad(learningRate, { momentum, eps, weightDecay })
 *
 * eps is added to the learning rate, too. A decoupled decay shrinks the params that the mean is taken with, not the point that all is
 * measured from: it is forgotten by a tenth at each step. Without momentum timm finds that point from the params of the moment, so that
 * there the decay moves it; this keeps it.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-2` by default.
 *
 * @example
 * const tx = timm.madgrad(1, { momentum: 0.5, eps: 0 })
 * const params = { w: new Float64Array([3, 3]) }
 * step(tx, { w: new Float64Array([8, -1]) }, tx.init(params), params)[0] // => { w: Float64Array [1.999…, 3.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const madgrad = (
  learningRate: ScalarOrSchedule = 1e-2,
  options: MadgradOptions = {}
): GradientTransformation<MadgradState> => {
  const owner = 'timm.madgrad'
  const { momentum, eps, weightDecay, decoupledDecay } = withDefaults<Required<MadgradOptions>>(owner, options, {
    momentum: 0.9,
    eps: 1e-6,
    weightDecay: 0,
    decoupledDecay: false
  })
  check(owner, { weightDecay }, nonNegative)
  check(owner, { decoupledDecay }, boolean)
  return withOrigin(
    ['timm.madgrad', learningRate, { ...options }],
    chain(
      addDecayedWeights(decoupledDecay ? 0 : weightDecay),
      decayFirst(
        scaleByMadgrad(learningRate, { momentum, eps }),
        decoupledDecay ? mulSchedules(weightDecay, learningRate) : 0
      )
    )
  )
}
