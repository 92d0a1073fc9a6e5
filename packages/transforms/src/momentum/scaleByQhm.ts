import {
  add,
  check,
  type DType,
  type GradientTransformation,
  inClosedUnitInterval,
  inUnitInterval,
  mul,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import type { EmaState } from './ema.js'

/** Options of {@link scaleByQhm}. */
export interface ScaleByQhmOptions {
  /** Decay rate β of the mean of past gradients, in `[0, 1)`. @defaultValue `0.999` */
  readonly decay?: number
  /** Share ν of the mean in an update, in `[0, 1]`; the rest is the gradient. @defaultValue `0.7` */
  readonly nu?: number
  /** The dtype in which the mean is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByQhm}, that of `ema`. */
export type ScaleByQhmState = EmaState

/**
 * A mean of past gradients, and beside it the gradient at hand: quasi-hyperbolic momentum, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g
 *     uₜ = (1 − ν) g + ν mₜ
 *
 * Laws: elementwise; linear in the history of gradients; with ν = 0 it is the identity, with ν = 1 `ema(decay, { debias: false })`, with
 * ν = β Nesterov's momentum, `trace(decay, { nesterov: true })` times 1 − β.
 *
 * @example
 * const tx = scaleByQhm({ decay: 0.5, nu: 0.5 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 3 }
 * tx.update({ w: 8 }, state, params)[0] // => { w: 6.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Ma and Yarats (2018), equations 3 and 4, {@link https://arxiv.org/abs/1810.06801}
 * @see ema, trace
 */
export const scaleByQhm = (options: ScaleByQhmOptions = {}): GradientTransformation<ScaleByQhmState> => {
  const { decay, nu, accumulatorDtype } = withDefaults<Required<ScaleByQhmOptions>>('scaleByQhm', options, {
    decay: 0.999,
    nu: 0.7,
    accumulatorDtype: undefined
  })
  check('scaleByQhm', { decay }, inUnitInterval)
  check('scaleByQhm', { nu }, inClosedUnitInterval)
  check('scaleByQhm', { accumulatorDtype }, dtypeOption)

  return transformation<ScaleByQhmState>({
    origin: ['scaleByQhm', { ...options }],
    init: (params) => ({ count: 0, ema: tree.zerosLike(tree.widen(params), accumulatorDtype) }),
    update: (updates, state) => {
      const ema = tree.map((g, m) => updateMoment(g, m, decay, 1), updates, state.ema)
      const mixed = tree.map((g, m) => emitLike(add(mul(1 - nu, g), mul(nu, m)), g), updates, ema)
      return [mixed, { count: state.count + 1, ema: tree.castLike(ema, state.ema) }]
    }
  })
}
