import {
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  nonNegative,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { positiveNegative } from '../internal/positiveNegative.js'

/** Options of {@link scaleByPnm}. */
export interface ScaleByPnmOptions {
  /** Decay rate β₀ by which noise is added, finite and ≥ 0; 0 adds none. @defaultValue `1` */
  readonly b0?: number
  /** Decay rate β₁ of the means from one step to the next, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** The dtype in which the means are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByPnm}. */
export interface ScaleByPnmState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean of the updates of every other step, up to the last, shaped like the params. */
  readonly mu: Tree
  /** The mean of those between them, shaped like the params. */
  readonly muBefore: Tree
}

/**
 * Momentum of the even steps less momentum of the odd ones, and the other way round: positive-negative momentum, PNM, without the
 * learning rate. Both go the same way, and their difference has more of the noise of gradients, which flat minima withstand.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₋₁ = m₀ = 0:
 *
 *     mₜ = β₁² mₜ₋₂ + (1 − β₁²) g
 *     uₜ = ((1 + β₀) mₜ − β₀ mₜ₋₁) / √((1 + β₀)² + β₀²)
 *
 * Laws: elementwise; linear in the history of gradients; with b1 = 0 and b0 = 0 it is the identity.
 *
 * @example
 * const tx = scaleByPnm({ b0: 0, b1: 0.5 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 3 }
 * tx.update({ w: 8 }, state, params)[0] // => { w: 6 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Xie et al. (2021), algorithm 2, {@link https://arxiv.org/abs/2103.17182}
 */
export const scaleByPnm = (options: ScaleByPnmOptions = {}): GradientTransformation<ScaleByPnmState> => {
  const { b0, b1, accumulatorDtype } = withDefaults<Required<ScaleByPnmOptions>>('scaleByPnm', options, {
    b0: 1,
    b1: 0.9,
    accumulatorDtype: undefined
  })
  check('scaleByPnm', { b0 }, nonNegative)
  check('scaleByPnm', { b1 }, inUnitInterval)
  check('scaleByPnm', { accumulatorDtype }, dtypeOption)
  const mix = positiveNegative(b0)

  return transformation<ScaleByPnmState>({
    origin: ['scaleByPnm', { ...options }],
    init: (params) => {
      const none = (): Tree => tree.zerosLike(tree.widen(params), accumulatorDtype)
      return { count: 0, mu: none(), muBefore: none() }
    },
    update: (updates, { count, mu, muBefore }) => {
      const next = tree.map((g, m) => updateMoment(g, m, b1 * b1, 1), updates, muBefore)
      const mixed = tree.map((g, m, last) => emitLike(mix(m, last), g), updates, next, mu)
      return [mixed, { count: count + 1, mu: tree.castLike(next, muBefore), muBefore: mu }]
    }
  })
}
