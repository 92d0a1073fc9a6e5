import {
  add,
  boolean,
  check,
  type DType,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  type Operand,
  type Tree,
  transformation,
  tree,
  withDefaults
} from '@gradchain/core'
import { dtypeOption } from './internal/dtypeOption.js'
import { emitLike } from './internal/emitLike.js'

/** Options of {@link trace}. */
export interface TraceOptions {
  /** Whether to look one step ahead, as Nesterov does. @defaultValue `false` */
  readonly nesterov?: boolean
  /** The dtype in which the trace is kept; by default that of the params. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link trace}. */
export interface TraceState {
  /** The decaying sum τ of past updates, shaped like the params. */
  readonly trace: Tree
}

/**
 * Adds up past updates, each forgotten at a steady rate: momentum.
 *
 * Elementwise, for the update g at step t = 1, 2, … and β = decay, from τ₀ = 0:
 *
 *     τₜ = g + β τₜ₋₁
 *     uₜ = τₜ                (g + β τₜ when nesterov)
 *
 * This is a sum, not an average as in {@link ema}: of equal gradients it grows to g / (1 − β). A NaN or an infinity stays in
 * the trace for ever.
 *
 * Laws: elementwise; linear in the history of gradients; `trace(0)` is the identity; of equal gradients
 * uₜ = g (1 − βᵗ) / (1 − β).
 *
 * @param decay - the decay rate β, in `[0, 1]`; 1 forgets nothing.
 *
 * @example
 * const tx = trace(0.5)
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 2 }, tx.init(params), params)
 * first // => { w: 2 }
 * tx.update({ w: 2 }, state, params) // => [{ w: 3 }, { trace: { w: 3 } }]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Sutskever et al. (2013), sections 2 and 3, {@link https://proceedings.mlr.press/v28/sutskever13.html}
 * @see ema
 */
export const trace = (decay: number, options: TraceOptions = {}): GradientTransformation<TraceState> => {
  const { nesterov, accumulatorDtype } = withDefaults<Required<TraceOptions>>('trace', options, {
    nesterov: false,
    accumulatorDtype: undefined
  })
  check('trace', { decay }, inClosedUnitInterval)
  check('trace', { nesterov }, boolean)
  check('trace', { accumulatorDtype }, dtypeOption)
  const onto = (g: Operand, t: Operand) => add(g, mul(decay, t))

  return transformation<TraceState>({
    init: (params) => ({ trace: tree.zerosLike(params, accumulatorDtype) }),
    update: (updates, state) => {
      const next = tree.map(onto, updates, state.trace)
      const emitted = tree.map((g, t) => emitLike(nesterov ? onto(g, t) : t, g), updates, next)
      return [emitted, { trace: tree.castLike(next, state.trace) }]
    }
  })
}
