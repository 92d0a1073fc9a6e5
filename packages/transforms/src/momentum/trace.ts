import {
  add,
  boolean,
  check,
  type DType,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  type Operand,
  type Requirement,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link trace}. */
export interface TraceOptions {
  /** Whether to look one step ahead, as Nesterov does. @defaultValue `false` */
  readonly nesterov?: boolean
  /**
   * Share δ of each update after the first that is left out, in `[0, 1]`; PyTorch's option, not to be had with nesterov.
   * @defaultValue `0`
   */
  readonly dampening?: number
  /** The dtype in which the trace is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link trace}. */
export interface TraceState {
  /** How many updates were seen. */
  readonly count: number
  /** The decaying sum τ of past updates, shaped like the params. */
  readonly trace: Tree
}

/**
 * Adds up past updates, each forgotten at a steady rate: momentum.
 *
 * Elementwise, for the update g at step t = 1, 2, …, β = decay and δ = dampening, from τ₀ = 0:
 *
 *     τₜ = (1 − δ) g + β τₜ₋₁        τ₁ = g
 *     uₜ = τₜ                        (g + β τₜ when nesterov)
 *
 * As in PyTorch, the first update is not dampened. This is a sum, not an average as in {@link ema}: of equal gradients it grows to g / (1 − β). A NaN or an infinity stays in
 * the trace for ever.
 *
 * Laws: elementwise; linear in the history of gradients; `trace(0)` is the identity; of equal gradients
 * uₜ = g (1 − βᵗ) / (1 − β), or, with dampening β, always g.
 *
 * @param decay - the decay rate β, in `[0, 1]`; 1 forgets nothing.
 *
 * @example
 * const tx = trace(0.5)
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 2 }, tx.init(params), params)
 * first // => { w: 2 }
 * tx.update({ w: 2 }, state, params) // => [{ w: 3 }, { count: 2, trace: { w: 3 } }]
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for dampening with nesterov.
 * @see Sutskever et al. (2013), sections 2 and 3, {@link https://proceedings.mlr.press/v28/sutskever13.html}
 * @see ema
 */
export const trace = (decay: number, options: TraceOptions = {}): GradientTransformation<TraceState> => {
  const { nesterov, dampening, accumulatorDtype } = withDefaults<Required<TraceOptions>>('trace', options, {
    nesterov: false,
    dampening: 0,
    accumulatorDtype: undefined
  })
  check('trace', { decay, dampening }, inClosedUnitInterval)
  check('trace', { nesterov }, boolean)
  if (nesterov) check('trace', { dampening }, noneWithNesterov)
  check('trace', { accumulatorDtype }, dtypeOption)
  const onto = (g: Operand, t: Operand) => add(g, mul(decay, t))

  return transformation<TraceState>({
    origin: ['trace', decay, { ...options }],
    init: (params) => ({ count: 0, trace: tree.zerosLike(tree.widen(params), accumulatorDtype) }),
    update: (updates, state) => {
      const isWhole = dampening === 0 || state.count === 0
      const next = tree.map((g, t) => onto(isWhole ? g : mul(1 - dampening, g), t), updates, state.trace)
      const emitted = tree.map((g, t) => emitLike(nesterov ? onto(g, t) : t, g), updates, next)
      return [emitted, { count: state.count + 1, trace: tree.castLike(next, state.trace) }]
    }
  })
}

const noneWithNesterov: Requirement = { what: '0 with nesterov', holds: (value) => value === 0 }
