import {
  type AnyGradientTransformation,
  boolean,
  check,
  type DType,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  inUnitInterval,
  required,
  type StateOf,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import { averageOfOne, averageTowards, paramsAfter } from '../internal/averages.js'
import { dtypeOption } from '../internal/dtypeOption.js'

/** Options of {@link emaParams}. */
export interface EmaParamsOptions {
  /** Decay rate β of the average, in `[0, 1)`: it reaches back about 1 / (1 − β) steps. */
  readonly decay: number
  /** Whether the params before the first update do not count; otherwise the average starts there. @defaultValue `true` */
  readonly debias?: boolean
  /** The dtype in which the average is kept. @defaultValue that of the params, float32 where they are 16-bit */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link emaParams}. */
export interface EmaParamsState<Inner> {
  /** How many updates were made. */
  readonly count: number
  /** The average a, debiased already, shaped like the params; before the first update, the params. */
  readonly average: Tree
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Keeps an exponential moving average of the params beside the inner optimizer, whose updates it does not touch: the params
 * to evaluate with, read by {@link averagedParams}.
 *
 * For the params p at step t = 1, 2, …, the inner update u and β = decay, from a₀ = p₀:
 *
 *     aₜ = aₜ₋₁ + wₜ (p + u − aₜ₋₁)        wₜ = (1 − β) / (1 − βᵗ)        (1 − β unless debias)
 *
 * With debias that is the average from zero divided by 1 − βᵗ: the params before the first update have no weight.
 *
 * It stands outermost, or last in a chain: what changes its updates afterwards separates the params from those averaged. The
 * average of 16-bit params is float32 unless `accumulatorDtype` says otherwise: a 16-bit one does not see small steps.
 *
 * Laws: the updates of `inner`; the average is between the least and the largest params so far; with decay 0, the params;
 * linear in the params.
 *
 * @example
 * const tx = emaParams(scale(-1), { decay: 0.5 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * for (const w of [2, 3]) [params, state] = step(tx, { w }, state, params)
 * params // => { w: 3 }
 * averagedParams(state, params) // => { w: 4 }
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see Polyak and Juditsky (1992), Acceleration of Stochastic Approximation by Averaging, {@link https://doi.org/10.1137/0330046}
 * @see swa, polyakAverage, averagedParams; ema, which averages updates.
 */
export const emaParams = <T extends AnyGradientTransformation>(
  inner: T,
  options: EmaParamsOptions
): GradientTransformation<EmaParamsState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('emaParams', inner)
  const { decay, debias, accumulatorDtype } = withDefaults<Required<EmaParamsOptions>>('emaParams', options, {
    decay: required,
    debias: true,
    accumulatorDtype: undefined
  })
  check('emaParams', { decay }, inUnitInterval)
  check('emaParams', { debias }, boolean)
  check('emaParams', { accumulatorDtype }, dtypeOption)

  return transformation<EmaParamsState<StateOf<T>>, ExtraOf<T>>({
    init: (params) => ({ count: 0, average: averageOfOne(params, accumulatorDtype), innerState: init(params) }),
    update: (updates, state, params, extra) => {
      const [transformed, innerState] = update(updates, state.innerState, params, extra)
      const count = state.count + 1
      const share = debias ? (1 - decay) / (1 - decay ** count) : 1 - decay
      const average = averageTowards(state.average, paramsAfter(params, transformed), share)
      return [transformed, { count, average, innerState }]
    }
  })
}
