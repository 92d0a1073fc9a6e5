import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  positiveInteger,
  required,
  type StateOf,
  transformation,
  withDefaults
} from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { movedTogether } from '../internal/movedTogether.js'
import { aCommunicator } from '../internal/requirements.js'

/** Options of {@link localSgd}. */
export interface LocalSgdOptions {
  /** After how many steps the params of all ranks are averaged, H, a whole number ≥ 1. */
  readonly every: number
}

/** State of {@link localSgd}. */
export interface LocalSgdState<Inner> {
  /** State of the inner transformation, which stays that of this rank. */
  readonly innerState: Inner
  /** How many steps were made since the last average, less than `every`. */
  readonly stepsSinceSync: number
}

/**
 * Lets each rank train by itself, and averages the params of all ranks after every H steps: an H-th of what {@link allReduceMean} sends.
 *
 * For the params pᵣ of the ranks r = 0 … n − 1, with the inner updates vᵣ, at step t = 1, 2, …:
 *
 *     pᵣ ← pᵣ + vᵣ                              while H does not divide t
 *     pᵣ ← ((p₀ + v₀) + … + (pₙ₋₁ + vₙ₋₁)) / n      when it does
 *
 * Ranks start from the same params and have parts of the data of their own. Momentum and moments stay with their rank, neither averaged nor reset. It is
 * the outermost transformation, or the last of a chain. In between the params of ranks differ: evaluate and save after an average.
 *
 * **Every rank must make the same steps**: what decides whether this one is called, such as `applyIfFinite` around it, must decide alike on all ranks. Within it
 * ranks may do as they like.
 *
 * Laws: the params of all ranks are equal after every H-th step; with one rank it is `inner`, up to the rounding of p + v − p; with H = 1 and
 * `sgd` it is `sgd` of averaged gradients, up to rounding.
 *
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * const tx = localSgd(sgd(0.5), solo(), { every: 2 })
 * const params = { w: 4 }
 * step(tx, { w: 2 }, tx.init(params), params)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, for what is no communicator or an option out of range; at update, CommunicationError when ranks have
 * params of different forms, with rank and path, or one is late or lost.
 * @see Stich (2018), Local SGD Converges Fast and Communicates Little, algorithm 1, {@link https://arxiv.org/abs/1805.09767}
 * @see postLocalSgd, diloco
 */
export const localSgd = <T extends AnyGradientTransformation>(
  inner: T,
  comm: Communicator,
  options: LocalSgdOptions
): GradientTransformation<LocalSgdState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('localSgd', inner)
  const { every } = withDefaults<Required<LocalSgdOptions>>('localSgd', options, { every: required })
  check('localSgd', { comm }, aCommunicator)
  check('localSgd', { every }, positiveInteger)

  return transformation<LocalSgdState<StateOf<T>>, ExtraOf<T>>({
    origin: ['localSgd', inner, comm, { ...options }],
    init: (params) => ({ innerState: init(params) as StateOf<T>, stepsSinceSync: 0 }),
    update: (updates, state, params, extra) => {
      const [own, innerState] = update(updates, state.innerState, params, extra)
      const stepsSinceSync = (state.stepsSinceSync + 1) % every
      const isSync = stepsSinceSync === 0
      const moved = isSync ? movedTogether(comm, params, own) : own
      return [moved, { innerState: innerState as StateOf<T>, stepsSinceSync }]
    }
  })
}
