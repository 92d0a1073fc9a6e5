import {
  type AnyGradientTransformation,
  check,
  type DType,
  definitionOf,
  type ExtraOf,
  fillAbsent,
  type GradientTransformation,
  paramsAfter,
  type StateOf,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import { averageOfOne, averageTowards, hasMoved } from '../internal/averages.js'
import { dtypeOption } from '../internal/dtypeOption.js'

/** Options of {@link polyakAverage}. */
export interface PolyakAverageOptions {
  /** The dtype in which the average is kept. @defaultValue that of the params, float32 where they are 16-bit */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link polyakAverage}. */
export interface PolyakAverageState<Inner> {
  /** How many updates were made, and params averaged. */
  readonly count: number
  /** The average, shaped like the params; before the first update, the params. */
  readonly average: Tree
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Keeps the mean of all params since the first update beside the inner optimizer, whose updates it does not touch: the average
 * of Polyak and Ruppert. {@link averagedParams} reads it.
 *
 * For the params p and the inner update u at step t = 1, 2, …, from a₀ = p₀:
 *
 *     aₜ = aₜ₋₁ + (p + u − aₜ₋₁) / t
 *
 * It stands outermost, or last in a chain; right around {@link multiSteps} it counts the updates of that, not the mini-batches.
 *
 * Laws: the updates of `inner`; aₜ is the mean of the params after the updates 1 … t; `swa` that starts at once.
 *
 * @example
 * const tx = polyakAverage(scale(-1))
 * let params = { w: 10 }
 * let state = tx.init(params)
 * for (let t = 1; t <= 3; t++) [params, state] = step(tx, { w: 1 }, state, params)
 * averagedParams(state, params) // => { w: 8 }
 *
 * @throws InvalidOption at construction, when an option is unknown or of the wrong kind.
 * @see Polyak and Juditsky (1992), Acceleration of Stochastic Approximation by Averaging, {@link https://doi.org/10.1137/0330046}
 * @see swa, emaParams, averagedParams
 */
export const polyakAverage = <T extends AnyGradientTransformation>(
  inner: T,
  options: PolyakAverageOptions = {}
): GradientTransformation<PolyakAverageState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('polyakAverage', inner)
  const { accumulatorDtype } = withDefaults<Required<PolyakAverageOptions>>('polyakAverage', options, {
    accumulatorDtype: undefined
  })
  check('polyakAverage', { accumulatorDtype }, dtypeOption)

  return transformation<PolyakAverageState<StateOf<T>>, ExtraOf<T>>({
    origin: ['polyakAverage', inner, { ...options }],
    init: (params) => ({ count: 0, average: averageOfOne(params, accumulatorDtype), innerState: init(params) }),
    update: (updates, state, params, extra) => {
      const [transformed, innerState] = update(updates, state.innerState, params, extra)
      if (!hasMoved(state.innerState, innerState)) return [transformed, { ...state, innerState }]
      const count = state.count + 1
      const average = averageTowards(state.average, paramsAfter(params, fillAbsent(transformed, params)), 1 / count)
      return [transformed, { count, average, innerState }]
    },
    takesNull: true
  })
}
