import {
  add,
  check,
  type DType,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByAdadelta}. */
export interface ScaleByAdadeltaOptions {
  /** Decay rate ρ of both mean squares, in `[0, 1)`. @defaultValue `0.9` */
  readonly rho?: number
  /** Added inside both square roots, finite and ≥ 0; what the first updates grow from. @defaultValue `1e-6` */
  readonly eps?: number
  /** The dtype in which both mean squares are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByAdadelta}. */
export interface ScaleByAdadeltaState {
  /** The mean square E[g²] of the gradients, shaped like the params. */
  readonly eG: Tree
  /** The mean square E[u²] of the updates, shaped like the params. */
  readonly eX: Tree
}

/**
 * Gives each update the magnitude that updates have had, in place of that of gradients: Adadelta.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from E[g²]₀ = E[u²]₀ = 0:
 *
 *     E[g²]ₜ = ρ E[g²]ₜ₋₁ + (1 − ρ) g²
 *     uₜ = √(E[u²]ₜ₋₁ + eps) / √(E[g²]ₜ + eps) · g
 *     E[u²]ₜ = ρ E[u²]ₜ₋₁ + (1 − ρ) uₜ²
 *
 * It begins with steps of the size √eps and grows from there; with eps = 0 it never moves.
 *
 * Laws: elementwise; odd in the gradient; of gradients far larger than √eps it does not see the scale.
 *
 * @example
 * const tx = scaleByAdadelta({ rho: 0.75, eps: 4 })
 * const [u, state] = tx.update({ w: 4 }, tx.init({ w: 0 }), { w: 0 })
 * u // => { w: 2.828… }
 * state.eG // => { w: 4 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Zeiler (2012), algorithm 1, {@link https://arxiv.org/abs/1212.5701}
 */
export const scaleByAdadelta = (options: ScaleByAdadeltaOptions = {}): GradientTransformation<ScaleByAdadeltaState> => {
  const { rho, eps, accumulatorDtype } = withDefaults<Required<ScaleByAdadeltaOptions>>('scaleByAdadelta', options, {
    rho: 0.9,
    eps: 1e-6,
    accumulatorDtype: undefined
  })
  check('scaleByAdadelta', { rho }, inUnitInterval)
  check('scaleByAdadelta', { eps }, nonNegative)
  check('scaleByAdadelta', { accumulatorDtype }, dtypeOption)

  return transformation<ScaleByAdadeltaState>({
    origin: ['scaleByAdadelta', { ...options }],
    init: (params) => {
      const none = (): Tree => tree.zerosLike(tree.widen(params), accumulatorDtype)
      return { eG: none(), eX: none() }
    },
    update: (updates, state) => {
      const eG = tree.map((g, e) => updateMoment(g, e, rho, 2), updates, state.eG)
      const scaled = tree.map(
        (g, now, before) => emitLike(mul(div(sqrt(add(before, eps)), sqrt(add(now, eps))), g), g),
        updates,
        eG,
        state.eX
      )
      const eX = tree.map((u, e) => updateMoment(u, e, rho, 2), scaled, state.eX)
      return [scaled, { eG: tree.castLike(eG, state.eG), eX: tree.castLike(eX, state.eX) }]
    }
  })
}
