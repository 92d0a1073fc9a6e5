import {
  chain,
  check,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { addDecayedWeights, scaleByBelief, scaleByLearningRate } from '@gradchain/transforms'
import type { AdabeliefOptions, AdabeliefState } from './adabelief.js'

/** Options of {@link radabelief}: those of `adabelief`, which it rectifies. */
export type RadabeliefOptions<P = Tree<Leaf>, M = never> = Omit<AdabeliefOptions<P, M>, 'rectify'>

/** State of {@link radabelief}, that of `adabelief`. */
export type RadabeliefState = AdabeliefState

/**
 * AdaBelief that warms itself up, as RAdam does: the form of its authors' code, and of timm.
 *
 *     chain(
 *       scaleByBelief({ b1, b2, eps, epsRoot, muDtype, nuDtype, nesterov, rectify: true, threshold }),
 *       addDecayedWeights(weightDecay, { mask: weightDecayMask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * With the moments m̂ and s of {@link adabelief}, the length ρₜ of the average and the share r of `scaleByRadam`, the param p and the
 * learning rate α, at step t = 1, 2, …:
 *
 *     uₜ = −α(t − 1) (r m̂ √(1 − β₂ᵗ) / (√sₜ + eps) + λ(t − 1) p)      when ρₜ ≥ threshold
 *     uₜ = −α(t − 1) (m̂ + λ(t − 1) p)                                  before that
 *
 * Laws: elementwise; with weightDecay 0 odd in the gradient; before the threshold it is `ema(b1)` and the weight decay; a number is its
 * constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = radabelief(0.5)
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 6.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Zhuang et al. (2020), algorithm 2, {@link https://arxiv.org/abs/2010.07468}
 * @see Liu et al. (2019), On the Variance of the Adaptive Learning Rate and Beyond, algorithm 2, for the rectification,
 * {@link https://arxiv.org/abs/1908.03265}
 */
export const radabelief = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: RadabeliefOptions<P, M> = {}
): GradientTransformation<RadabeliefState> => {
  const { weightDecay, weightDecayMask, ...rest } = withDefaults<Required<RadabeliefOptions<P, M>>>(
    'radabelief',
    options,
    {
      b1: 0.9,
      b2: 0.999,
      eps: 1e-16,
      epsRoot: 1e-16,
      muDtype: undefined,
      nuDtype: undefined,
      nesterov: false,
      threshold: 5,
      weightDecay: 0,
      weightDecayMask: true
    }
  )
  check('radabelief', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['radabelief', learningRate, { ...options }],
    chain(
      scaleByBelief({ ...rest, rectify: true }),
      addDecayedWeights(weightDecay, { mask: weightDecayMask }),
      scaleByLearningRate(learningRate)
    )
  )
}
