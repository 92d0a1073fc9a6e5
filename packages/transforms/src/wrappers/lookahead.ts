import {
  type AnyGradientTransformation,
  add,
  boolean,
  castLike,
  check,
  type DType,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  type Operand,
  oneOf,
  paramsAfter,
  positiveInteger,
  required,
  type StateOf,
  sub,
  type Tree,
  transformation,
  updatesTo,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { averageOfOne, hasMoved } from '../internal/averages.js'
import { dtypeOption } from '../internal/dtypeOption.js'

/** Options of {@link lookahead}. */
export interface LookaheadOptions {
  /** How many fast steps there are to a slow one, k, a whole number ≥ 1. */
  readonly syncPeriod: number
  /** Share α of the way that the slow params go towards the fast ones, in `[0, 1]`. */
  readonly slowStepSize: number
  /** Whether the inner transformation starts afresh after each slow step. @defaultValue `false` */
  readonly resetState?: boolean
  /** The dtype in which the slow params are kept; by default their own, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
  /** Whether the slow params start where the params do, or at the fast ones of the first slow step. @defaultValue `'init'` */
  readonly slowStart?: 'init' | 'firstSync'
}

/** State of {@link lookahead}. */
export interface LookaheadState<Inner> {
  /** State of the inner transformation. */
  readonly fastState: Inner
  /** The slow params, shaped like the params: those to evaluate with. */
  readonly slow: Tree
  /** How many fast steps were made since the last slow one, less than the sync period. */
  readonly stepsSinceSync: number
  /** How many slow steps were made. */
  readonly syncs: number
}

/**
 * Lets the inner optimizer run ahead for k steps, then goes only a share of the way, and starts again from there.
 *
 * For the params p at step t = 1, 2, … with the inner update v, from s₀ = p₀:
 *
 *     u = v                                   while k does not divide t
 *     s ← s + α (p + v − s),   u = s − p      when it does: p + u = s
 *
 * Where α > 1/2 the same is computed from the other end, s ← f − (1 − α)(f − s) with f = p + v, so that α = 1 is
 * exactly f, as α = 0 is exactly s. The slow params are `state.slow`; gradients are those at the params, the fast ones. Adding
 * s − p to p gives s back exactly where the two are within a factor of 2 of each other, else to within a rounding of the
 * larger one; such errors do not build up, as s is not computed from u.
 *
 * With `slowStart: 'firstSync'` the first slow step, at t = k, only takes the fast params for the slow ones, s ← p + v, as in
 * timm; the first that goes back is then at 2k.
 *
 * It stands outermost, or last in a chain: what changes its updates afterwards separates the params from the slow ones. Right
 * around {@link multiSteps} its steps are the updates of that, not the mini-batches.
 *
 * Laws: the params are the slow ones after every k-th step, and those of `inner` before the first; with α = 1, always those
 * of `inner`, within rounding; with α = 0, the slow params never move.
 *
 * Unlike Optax: params are plain params, not a pair; with `resetState` the inner transformation is initialised with the params
 * that it goes on from.
 *
 * @example
 * const tx = lookahead(scale(-1), { syncPeriod: 2, slowStepSize: 0.5 })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * const path: number[] = []
 * for (let t = 0; t < 4; t++) {
 *   const [updates, next] = tx.update({ w: 1 }, state, params)
 *   params = applyUpdates(params, updates)
 *   state = next
 *   path.push(params.w)
 * }
 * path // => [7, 7, 6, 6]
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see Zhang et al. (2019), Lookahead Optimizer: k steps forward, 1 step back, algorithm 1,
 * {@link https://arxiv.org/abs/1907.08610}
 */
export const lookahead = <T extends AnyGradientTransformation>(
  inner: T,
  options: LookaheadOptions
): GradientTransformation<LookaheadState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('lookahead', inner)
  const { syncPeriod, slowStepSize, resetState, accumulatorDtype, slowStart } = withDefaults<
    Required<LookaheadOptions>
  >('lookahead', options, {
    syncPeriod: required,
    slowStepSize: required,
    resetState: false,
    accumulatorDtype: undefined,
    slowStart: 'init'
  })
  check('lookahead', { syncPeriod }, positiveInteger)
  check('lookahead', { slowStepSize }, inClosedUnitInterval)
  check('lookahead', { resetState }, boolean)
  check('lookahead', { accumulatorDtype }, dtypeOption)
  check('lookahead', { slowStart }, oneOf('init', 'firstSync'))

  return transformation<LookaheadState<StateOf<T>>, ExtraOf<T>>({
    origin: ['lookahead', inner, { ...options }],
    init: (params) => ({
      fastState: init(params),
      slow: averageOfOne(params, accumulatorDtype),
      stepsSinceSync: 0,
      syncs: 0
    }),
    update: (updates, state, params, extra) => {
      const [transformed, fastState] = update(updates, state.fastState, params, extra)
      if (!hasMoved(state.fastState, fastState)) return [transformed, { ...state, fastState }]
      const stepsSinceSync = state.stepsSinceSync + 1
      if (stepsSinceSync < syncPeriod) return [transformed, { ...state, fastState, stepsSinceSync }]

      const fast = paramsAfter(params, transformed)
      const share = slowStart === 'firstSync' && state.syncs === 0 ? 1 : slowStepSize
      const slow = tree.map((f, s) => castLike(between(s, f, share), s), fast, state.slow)
      return [
        updatesTo(params, slow),
        {
          fastState: resetState ? init(tree.castLike(slow, params)) : fastState,
          slow,
          stepsSinceSync: 0,
          syncs: state.syncs + 1
        }
      ]
    }
  })
}

const between = (slow: Operand, fast: Operand, share: number): Value => {
  const way = sub(fast, slow)
  return share <= 0.5 ? add(slow, mul(share, way)) : sub(fast, mul(1 - share, way))
}
