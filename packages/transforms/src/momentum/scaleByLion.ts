import {
  check,
  type DType,
  type GradientTransformation,
  inUnitInterval,
  max,
  min,
  mul,
  type Operand,
  oneOf,
  positive,
  sign,
  type Tree,
  tanh,
  transformation,
  updateMoment,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByLion}. */
export interface ScaleByLionOptions {
  /** Share β₁ of the momentum in the update, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the momentum, in `[0, 1)`. @defaultValue `0.99` */
  readonly b2?: number
  /** The dtype in which the momentum is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** What stands for the sign: itself, the hyperbolic tangent, or what is linear in between. @defaultValue `'hard'` */
  readonly mode?: 'hard' | 'smooth' | 'refined'
  /** Steepness κ of the smooth sign, finite and > 0. @defaultValue `1` */
  readonly smoothBeta?: number
}

/** State of {@link scaleByLion}. */
export interface ScaleByLionState {
  /** How many updates were seen. */
  readonly count: number
  /** Momentum m, shaped like the params. */
  readonly mu: Tree
}

/**
 * Replaces each update by the sign of a mean of itself and its momentum: Lion, without learning rate and weight decay.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from m₀ = 0:
 *
 *     cₜ = β₁ mₜ₋₁ + (1 − β₁) g
 *     uₜ = sign(cₜ)            (tanh(κ cₜ) when mode is 'smooth', min(max(cₜ, −1), 1) when it is 'refined')
 *     mₜ = β₂ mₜ₋₁ + (1 − β₂) g
 *
 * Laws: elementwise; odd in the gradient; |u| ≤ 1; blind to the scale of the gradient when mode is 'hard'; the first hard
 * update is the sign of the gradient.
 *
 * @example
 * const tx = scaleByLion()
 * const params = { w: [0, 0] }
 * const [first, state] = tx.update({ w: [-3, 0.1] }, tx.init(params), params)
 * first // => { w: [-1, 1] }
 * tx.update({ w: [0.1, 0.1] }, state, params)[0] // => { w: [-1, 1] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Chen et al. (2023), algorithm 2, {@link https://arxiv.org/abs/2302.06675}
 */
export const scaleByLion = (options: ScaleByLionOptions = {}): GradientTransformation<ScaleByLionState> => {
  const { b1, b2, muDtype, mode, smoothBeta } = withDefaults<Required<ScaleByLionOptions>>('scaleByLion', options, {
    b1: 0.9,
    b2: 0.99,
    muDtype: undefined,
    mode: 'hard',
    smoothBeta: 1
  })
  check('scaleByLion', { b1, b2 }, inUnitInterval)
  check('scaleByLion', { muDtype }, dtypeOption)
  check('scaleByLion', { mode }, oneOf(...Object.keys(SIGNS)))
  check('scaleByLion', { smoothBeta }, positive)
  const signOf = SIGNS[mode]

  return transformation<ScaleByLionState>({
    origin: ['scaleByLion', { ...options }],
    init: (params) => ({ count: 0, mu: tree.zerosLike(tree.widen(params), muDtype) }),
    update: (updates, state) => {
      const signs = tree.map((g, m) => emitLike(signOf(updateMoment(g, m, b1, 1), smoothBeta), g), updates, state.mu)
      const mu = tree.map((g, m) => updateMoment(g, m, b2, 1), updates, state.mu)
      return [signs, { count: state.count + 1, mu: tree.castLike(mu, state.mu) }]
    }
  })
}

const SIGNS = {
  hard: (c: Operand): Value => sign(c),
  smooth: (c: Operand, steepness: number): Value => tanh(mul(steepness, c)),
  refined: (c: Operand): Value => min(max(c, -1), 1)
}
