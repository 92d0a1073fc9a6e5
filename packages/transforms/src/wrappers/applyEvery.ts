import {
  add,
  check,
  type DType,
  type GradientTransformation,
  positiveInteger,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link applyEvery}. */
export interface ApplyEveryOptions {
  /** The dtype in which updates are added up; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link applyEvery}. */
export interface ApplyEveryState {
  /** How many updates have been added up since the last ones that were emitted, less than k. */
  readonly count: number
  /** Their sum, shaped like the params; zeros when there are none. */
  readonly gradAcc: Tree
}

/**
 * Adds up k updates and emits their sum at every k-th step, zeros at the others.
 *
 * At step t = 1, 2, …, from a₀ = 0, for the update g:
 *
 *     aₜ = aₜ₋₁ + g
 *     uₜ = aₜ, and then aₜ = 0          when k divides t
 *     uₜ = 0                            otherwise
 *
 * What stands before it in a chain still sees every gradient, and makes a step for each; for an optimizer that makes one step
 * for k gradients there is {@link multiSteps}, which also averages.
 *
 * Laws: elementwise; linear in the history of gradients; `applyEvery(1)` is the identity; what is emitted, and what is still to
 * be, adds up to all updates so far.
 *
 * Unlike Optax: a NaN spoils the sum it belongs to and no later one.
 *
 * @param k - how many updates make one, a whole number ≥ 1; `1` by default.
 *
 * @example
 * const tx = applyEvery(2)
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 1 }, tx.init(params), params)
 * first // => { w: 0 }
 * tx.update({ w: 3 }, state, params) // => [{ w: 4 }, { count: 0, gradAcc: { w: 0 } }]
 *
 * @throws InvalidOption at construction, when k is not a whole number ≥ 1, or an option is of the wrong kind.
 * @see multiSteps
 */
export const applyEvery = (k = 1, options: ApplyEveryOptions = {}): GradientTransformation<ApplyEveryState> => {
  const { accumulatorDtype } = withDefaults<Required<ApplyEveryOptions>>('applyEvery', options, {
    accumulatorDtype: undefined
  })
  check('applyEvery', { k }, positiveInteger)
  check('applyEvery', { accumulatorDtype }, dtypeOption)

  return transformation<ApplyEveryState>({
    origin: ['applyEvery', k, { ...options }],
    init: (params) => ({ count: 0, gradAcc: tree.zerosLike(tree.widen(params), accumulatorDtype) }),
    update: (updates, { count, gradAcc }) => {
      // The first replaces the zeros: k = 1 is the identity to the bit.
      const total = count === 0 ? updates : tree.map((g, a) => emitLike(add(a, g), g), updates, gradAcc)
      const zeros = tree.zerosLike(updates)
      if (count + 1 < k) return [zeros, { count: count + 1, gradAcc: tree.castLike(total, gradAcc) }]
      return [total, { count: 0, gradAcc: tree.zerosLike(gradAcc) }]
    }
  })
}
