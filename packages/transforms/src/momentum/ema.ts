import {
  biasCorrection,
  boolean,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link ema}. */
export interface EmaOptions {
  /** Whether to make up for the start at zero. @defaultValue `true` */
  readonly debias?: boolean
  /** The dtype in which the average is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link ema}. */
export interface EmaState {
  /** How many updates were seen. */
  readonly count: number
  /** The average m, not debiased, shaped like the params. */
  readonly ema: Tree
}

/**
 * Replaces each update by the exponential moving average of the updates so far.
 *
 * Elementwise, for the update g at step t = 1, 2, … and β = decay, from m₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g
 *     uₜ = mₜ / (1 − βᵗ)        (mₜ unless debias)
 *
 * Laws: elementwise; linear in the history of gradients; `ema(0)` is the identity; of equal gradients uₜ = g, and g (1 − βᵗ)
 * unless debias; with debias, uₜ lies between the least and the largest gradient.
 *
 * @param decay - the decay rate β, in `[0, 1)`.
 *
 * @example
 * const tx = ema(0.5, { debias: false })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 2 }
 * tx.update({ w: 4 }, state, params) // => [{ w: 3 }, { count: 2, ema: { w: 3 } }]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see trace, which sums where this averages.
 */
export const ema = (decay: number, options: EmaOptions = {}): GradientTransformation<EmaState> => {
  const { debias, accumulatorDtype } = withDefaults<Required<EmaOptions>>('ema', options, {
    debias: true,
    accumulatorDtype: undefined
  })
  check('ema', { decay }, inUnitInterval)
  check('ema', { debias }, boolean)
  check('ema', { accumulatorDtype }, dtypeOption)

  return transformation<EmaState>({
    origin: ['ema', decay, { ...options }],
    init: (params) => ({ count: 0, ema: tree.zerosLike(tree.widen(params), accumulatorDtype) }),
    update: (updates, state) => {
      const count = state.count + 1
      const next = tree.map((g, m) => updateMoment(g, m, decay, 1), updates, state.ema)
      const emitted = tree.map((g, m) => emitLike(debias ? biasCorrection(m, decay, count) : m, g), updates, next)
      return [emitted, { count, ema: tree.castLike(next, state.ema) }]
    }
  })
}
