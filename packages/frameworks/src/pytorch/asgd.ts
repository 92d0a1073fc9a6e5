import {
  chain,
  check,
  type GradientTransformation,
  nonNegative,
  nonNegativeInteger,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { type SgdState, sgd } from '@gradchain/optimizers'
import { type AddDecayedWeightsState, addDecayedWeights, type SwaState, swa } from '@gradchain/transforms'
import { type CommonOptions, type State, withPenalty } from './internal/form.js'

/** Options of {@link asgd}. */
export interface AsgdOptions extends CommonOptions {
  /** Decay λ of the params, and of the learning rate, finite and ≥ 0. @defaultValue `1e-4` */
  readonly lambd?: number
  /** Power with which the learning rate falls, finite and ≥ 0. @defaultValue `0.75` */
  readonly alpha?: number
  /** How many steps there are before averaging begins, a whole number ≥ 0. @defaultValue `1e6` */
  readonly t0?: number
}

/** State of {@link asgd}; `averagedParams` reads the average. */
export type AsgdState = SwaState<State<readonly [AddDecayedWeightsState, SgdState]>>

/**
 * PyTorch's `torch.optim.ASGD`: descent whose rate falls, and an average of the params beside it.
 *
 *     swa(chain(addDecayedWeights(lambd), sgd((t) => learningRate / (1 + lambd * learningRate * t) ** alpha)), { start: t0 + 2 })
 *
 * The params are never averaged themselves: `averagedParams(state, params)` is PyTorch's `state['ax']`, and with the default t0 it is
 * the params for the first million steps. A second decay, `weightDecay`, goes into the gradient.
 *
 * @param learningRate - a finite number ≥ 0; `1e-2` by default.
 *
 * @example
 * const tx = pytorch.asgd(0.5, { lambd: 0, t0: 0 })
 * let params = { w: 4 }
 * let state = tx.init(params)
 * for (let t = 1; t <= 3; t++) [params, state] = step(tx, { w: 2 }, state, params)
 * params // => { w: 1 }
 * averagedParams(state, params) // => { w: 1.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.ASGD.html}
 */
export const asgd = (learningRate = 1e-2, options: AsgdOptions = {}): GradientTransformation<AsgdState> => {
  const { lambd, alpha, t0, ...common } = withDefaults<Required<AsgdOptions>>('pytorch.asgd', options, {
    lambd: 1e-4,
    alpha: 0.75,
    t0: 1e6,
    weightDecay: 0,
    maximize: false
  })
  check('pytorch.asgd', { learningRate, lambd, alpha }, nonNegative)
  check('pytorch.asgd', { t0 }, nonNegativeInteger)
  const rate = (t: number) => learningRate / pow(1 + lambd * learningRate * t, alpha)
  return withOrigin(
    ['pytorch.asgd', learningRate, { ...options }],
    swa(withPenalty('pytorch.asgd', common, chain(addDecayedWeights(lambd), sgd(rate))), { start: t0 + 2 })
  )
}
