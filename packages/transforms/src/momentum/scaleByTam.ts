import {
  add,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  norm,
  type Operand,
  sum,
  type Tree,
  transformation,
  updateMoment,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { quotient } from '../internal/quotient.js'

/** Options of {@link scaleByTam}. */
export interface ScaleByTamOptions {
  /** Decay rate β of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly momentum?: number
  /** Decay rate γ of the mean cosine, in `[0, 1)`. @defaultValue `0.9` */
  readonly decay?: number
  /** Added to the share of a gradient that is taken, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the momentum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByTam}. */
export interface ScaleByTamState {
  /** How many updates were seen. */
  readonly count: number
  /** The momentum m, shaped like the params. */
  readonly trace: Tree
  /** The mean cosine s of momentum and gradient, a number for each leaf. */
  readonly similarity: Tree
}

/**
 * Momentum that takes less of gradients which point elsewhere: torque-aware momentum, TAM, without the learning rate.
 *
 * For each leaf g of the updates at step t = 1, 2, …, from m₀ = s₀ = 0:
 *
 *     sₜ = γ sₜ₋₁ + (1 − γ) cos(mₜ₋₁, g)
 *     mₜ = β mₜ₋₁ + (eps + (1 + sₜ) / 2) g
 *     uₜ = mₜ
 *
 * where the cosine of what is 0 is 0. Each leaf has an angle of its own, as tensors have in programs.
 *
 * Laws: odd in the history of gradients; homogeneous in it.
 *
 * @example
 * const tx = scaleByTam({ momentum: 0.5, decay: 0.5, eps: 0 })
 * const params = { w: [0, 0] }
 * const [first, state] = tx.update({ w: [8, 0] }, tx.init(params), params)
 * first // => { w: [4, 0] }
 * tx.update({ w: [-8, 0] }, state, params)[0] // => { w: [0, 0] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Malviya et al. (2024), Torque-Aware Momentum, {@link https://arxiv.org/abs/2412.18790}
 * @see trace
 */
export const scaleByTam = (options: ScaleByTamOptions = {}): GradientTransformation<ScaleByTamState> => {
  const { momentum, decay, eps, accumulatorDtype } = withDefaults<Required<ScaleByTamOptions>>('scaleByTam', options, {
    momentum: 0.9,
    decay: 0.9,
    eps: 1e-8,
    accumulatorDtype: undefined
  })
  check('scaleByTam', { momentum, decay }, inUnitInterval)
  check('scaleByTam', { eps }, nonNegative)
  check('scaleByTam', { accumulatorDtype }, dtypeOption)

  return transformation<ScaleByTamState>({
    origin: ['scaleByTam', { ...options }],
    init: (params) => ({
      count: 0,
      trace: tree.zerosLike(tree.widen(params), accumulatorDtype),
      similarity: tree.map(() => 0, params)
    }),
    update: (updates, state) => {
      const similarity = tree.map(
        (g, m, s) => updateMoment(cosine(m, g), s, decay, 1),
        updates,
        state.trace,
        state.similarity
      )
      const trace = tree.map(
        (g, m, s) => add(mul(momentum, m), mul(add(eps, mul(0.5, add(1, s))), g)),
        updates,
        state.trace,
        similarity
      )
      const emitted = tree.map((g, m) => emitLike(m, g), updates, trace)
      return [emitted, { count: state.count + 1, trace: tree.castLike(trace, state.trace), similarity }]
    }
  })
}

const cosine = (a: Operand, b: Operand): Value => sum(mul(quotient(a, norm(a)), quotient(b, norm(b))))
