import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  nonNegativeInteger,
  positiveInteger,
  required,
  type StateOf,
  transformation,
  withDefaults
} from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { meanOverRanks } from '../internal/meanOverRanks.js'
import { movedTogether } from '../internal/movedTogether.js'
import { aCommunicator } from '../internal/requirements.js'

/** Options of {@link postLocalSgd}. */
export interface PostLocalSgdOptions {
  /** In how many steps, at first, the gradients of all ranks are averaged, W, a whole number ≥ 0. */
  readonly warmup: number
  /** After how many steps, from then on, their params are, H, a whole number ≥ 1. */
  readonly period: number
}

/** State of {@link postLocalSgd}. */
export interface PostLocalSgdState<Inner> {
  /** State of the inner transformation; that of this rank, once gradients are averaged no longer. */
  readonly innerState: Inner
  /** How many steps were made. */
  readonly count: number
}

/**
 * Averages gradients at first, while much changes from step to step, and the params of {@link localSgd} afterwards.
 *
 * For the gradients gᵣ and the params pᵣ of the ranks r = 0 … n − 1 at step c = 0, 1, …:
 *
 *     c < W                            pᵣ ← pᵣ + inner((g₀ + … + gₙ₋₁) / n)
 *     c ≥ W                            pᵣ ← pᵣ + vᵣ,  vᵣ = inner(gᵣ)
 *     c ≥ W and H divides c − W        and then pᵣ ← (p₀ + … + pₙ₋₁) / n
 *
 * These are the steps at which PyTorch's `PeriodicModelAverager` averages, also the first one after the warm-up; its `PostLocalSGDOptimizer` leaves
 * gradients to a hook of DDP. The learning rate is best lowered where the warm-up ends. What {@link localSgd} says of ranks, momentum and the place in a
 * chain holds here.
 *
 * Laws: the params of all ranks are equal before step W and after each average; up to step W it is `chain(allReduceMean(comm), inner)`, to the bit.
 *
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * const tx = postLocalSgd(sgd(0.5), solo(), { warmup: 100, period: 8 })
 * const params = { w: 4 }
 * step(tx, { w: 2 }, tx.init(params), params)[0] // => { w: 3 }
 *
 * @throws InvalidOption at construction, for what is no communicator or an option out of range; at update, CommunicationError when ranks have
 * gradients of different forms, with rank and path, or one is late or lost.
 * @see Lin et al. (2018), Don't Use Large Mini-Batches, Use Local SGD, {@link https://arxiv.org/abs/1808.07217}
 */
export const postLocalSgd = <T extends AnyGradientTransformation>(
  inner: T,
  comm: Communicator,
  options: PostLocalSgdOptions
): GradientTransformation<PostLocalSgdState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('postLocalSgd', inner)
  const { warmup, period } = withDefaults<Required<PostLocalSgdOptions>>('postLocalSgd', options, {
    warmup: required,
    period: required
  })
  check('postLocalSgd', { comm }, aCommunicator)
  check('postLocalSgd', { warmup }, nonNegativeInteger)
  check('postLocalSgd', { period }, positiveInteger)

  return transformation<PostLocalSgdState<StateOf<T>>, ExtraOf<T>>({
    origin: ['postLocalSgd', inner, comm, { ...options }],
    init: (params) => ({ innerState: init(params) as StateOf<T>, count: 0 }),
    update: (updates, { innerState, count }, params, extra) => {
      const isLocal = count >= warmup
      const gradients = isLocal ? updates : meanOverRanks(comm, updates)
      const [own, next] = update(gradients, innerState, params, extra)
      const isSync = isLocal && (count - warmup) % period === 0
      const moved = isSync ? movedTogether(comm, params, own) : own
      return [moved, { innerState: next as StateOf<T>, count: count + 1 }]
    }
  })
}
