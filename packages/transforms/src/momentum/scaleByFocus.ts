import {
  add,
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  sign,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { averageOfOne, averageTowards } from '../internal/averages.js'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByFocus}. */
export interface ScaleByFocusOptions {
  /** Decay rate β₁ of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the average of the params, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Strength γ of the pull towards that average, finite and ≥ 0. @defaultValue `0.1` */
  readonly gamma?: number
  /** Share λ of the average of the params that is taken off the params at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** The dtype in which the momentum and the average are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByFocus}. */
export interface ScaleByFocusState {
  /** How many updates were seen. */
  readonly count: number
  /** Momentum m, shaped like the params. */
  readonly mu: Tree
  /** The average p̂ of the params, shaped like them; before the first update, the params. */
  readonly average: Tree
}

/**
 * Takes the sign of momentum, and pulls the params back to where they have been on average: FOCUS, without the learning rate. In a
 * narrow valley noisy gradients throw params to and fro between its walls, and the pull squeezes them down to its floor.
 *
 * Elementwise, for the update g and the params p at step t = 1, 2, …, from m₀ = a₀ = 0:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     aₜ = β₂ aₜ₋₁ + (1 − β₂) p          p̂ = aₜ / (1 − β₂ᵗ)
 *     uₜ = sign(mₜ) + γ sign(p − p̂) + λ p̂
 *
 * The average is kept as p̂, corrected already: at the first step, and while the params stay where they are, it is they exactly and nothing
 * pulls. In the program of the authors the sign of a rounding error may.
 *
 * Laws: elementwise; odd in gradients and params together; |u| ≤ 1 + γ without weight decay; with γ = λ = 0 it is the sign of
 * an average of gradients.
 *
 * @example
 * const tx = scaleByFocus({ b2: 0.5, gamma: 0.25 })
 * const [first, state] = tx.update({ w: -3 }, tx.init({ w: 0 }), { w: 0 })
 * first // => { w: -1 }
 * tx.update({ w: -3 }, state, { w: 1 })[0] // => { w: -0.75 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Liu, Liu and Gore (2025), FOCUS: First Order Concentrated Updating Scheme, {@link https://arxiv.org/abs/2501.12243}
 */
export const scaleByFocus = (options: ScaleByFocusOptions = {}): GradientTransformation<ScaleByFocusState> => {
  const { b1, b2, gamma, weightDecay, accumulatorDtype } = withDefaults<Required<ScaleByFocusOptions>>(
    'scaleByFocus',
    options,
    { b1: 0.9, b2: 0.999, gamma: 0.1, weightDecay: 0, accumulatorDtype: undefined }
  )
  check('scaleByFocus', { b1, b2 }, inUnitInterval)
  check('scaleByFocus', { gamma, weightDecay }, nonNegative)
  check('scaleByFocus', { accumulatorDtype }, dtypeOption)

  return transformation<ScaleByFocusState>({
    origin: ['scaleByFocus', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), accumulatorDtype),
      average: averageOfOne(params, accumulatorDtype)
    }),
    update: (updates, state, params) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const average = averageTowards(state.average, params, (1 - b2) / (1 - integerPower(b2, count)))
      const emitted = tree.map(
        (g, m, p, a) => {
          const pulled = add(sign(m), mul(gamma, sign(sub(p, a))))
          return emitLike(weightDecay === 0 ? pulled : add(pulled, mul(weightDecay, a)), g)
        },
        updates,
        mu,
        params,
        average
      )
      return [emitted, { count, mu: tree.castLike(mu, state.mu), average }]
    }
  })
}
