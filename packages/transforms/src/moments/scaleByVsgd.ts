import {
  add,
  check,
  type DType,
  div,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  nonNegative,
  positive,
  sqrt,
  square,
  sub,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByVsgd}. */
export interface ScaleByVsgdOptions {
  /** How many times as much a gradient varies around the true one as that varies from step to step, at first, K, finite and > 0. @defaultValue `30` */
  readonly noiseRatio?: number
  /** How strongly that is believed, γ, finite and > 0. @defaultValue `1e-8` */
  readonly priorStrength?: number
  /** Rate κ₁ at which the variance of the true gradient forgets, in `[0, 1]`. @defaultValue `0.81` */
  readonly tau1?: number
  /** Rate κ₂ at which the variance of the noise forgets, in `[0, 1]`. @defaultValue `0.9` */
  readonly tau2?: number
  /** Added outside the square root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the state is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByVsgd}. */
export interface ScaleByVsgdState {
  /** How many updates were seen. */
  readonly count: number
  /** What the true gradient is believed to be, μ, shaped like the params. */
  readonly mu: Tree
  /** Twice the rate b of the belief about its variance from step to step, shaped like the params. */
  readonly drift: Tree
  /** Twice the rate b̂ of the belief about the variance of the noise, shaped like the params. */
  readonly noise: Tree
}

/**
 * Takes each gradient for a noisy look at one that drifts, weighs it by what is known of noise and drift, and divides by the size of
 * the estimate: VSGD, without the learning rate.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from μ₀ = 0, with a = 2γ + 1.0001:
 *
 *     s = b / a        ŝ = b̂ / a                   at the first step 2γ / (a − 1) and 2Kγ / (a − 1)
 *     μₜ = (ŝ μₜ₋₁ + s g) / (s + ŝ)                 σ² = s ŝ / (s + ŝ)
 *     b ← (1 − t^(−κ₁)) b + t^(−κ₁) (2γ + σ² + (μₜ − μₜ₋₁)²)
 *     b̂ ← (1 − t^(−κ₂)) b̂ + t^(−κ₂) (2Kγ + σ² + (μₜ − g)²)
 *     uₜ = μₜ / (√(μₜ² + σ²) + eps)
 *
 * The program of the authors is followed: b and b̂ are what the paper calls 2b, and a is 2a there, with 10⁻⁴ more, so that a − 1 is not 0.
 *
 * Laws: elementwise; odd in the gradient; |u| ≤ 1; μ is between the estimate before and the gradient.
 *
 * @example
 * const tx = scaleByVsgd({ noiseRatio: 1, eps: 0 })
 * const params = { w: 0 }
 * const [u, state] = tx.update({ w: -8 }, tx.init(params), params)
 * state.mu // => { w: -4 }
 * u.w.toFixed(4) // => '-1.0000'
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Chen et al. (2024), Variational Stochastic Gradient Descent for Deep Neural Networks,
 * {@link https://arxiv.org/abs/2404.06549}
 */
export const scaleByVsgd = (options: ScaleByVsgdOptions = {}): GradientTransformation<ScaleByVsgdState> => {
  const { noiseRatio, priorStrength, tau1, tau2, eps, accumulatorDtype } = withDefaults<Required<ScaleByVsgdOptions>>(
    'scaleByVsgd',
    options,
    { noiseRatio: 30, priorStrength: 1e-8, tau1: 0.81, tau2: 0.9, eps: 1e-8, accumulatorDtype: undefined }
  )
  check('scaleByVsgd', { noiseRatio, priorStrength }, positive)
  check('scaleByVsgd', { tau1, tau2 }, inClosedUnitInterval)
  check('scaleByVsgd', { eps }, nonNegative)
  check('scaleByVsgd', { accumulatorDtype }, dtypeOption)
  const shape = 2 * priorStrength + 1 + 1e-4
  const prior = { drift: 2 * priorStrength, noise: 2 * noiseRatio * priorStrength }

  return transformation<ScaleByVsgdState>({
    origin: ['scaleByVsgd', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params), accumulatorDtype),
      drift: tree.zerosLike(tree.widen(params), accumulatorDtype),
      noise: tree.zerosLike(tree.widen(params), accumulatorDtype)
    }),
    update: (updates, state) => {
      const count = state.count + 1
      const isFirst = state.count === 0
      /** The share of g in the mean of it and the old estimate, s / (s + ŝ). */
      const trust = isFirst
        ? tree.map(() => 1 / (1 + noiseRatio), updates)
        : tree.map((b, n) => div(b, add(b, n)), state.drift, state.noise)
      const mu = tree.map((g, m, k) => add(mul(k, g), mul(sub(1, k), m)), updates, state.mu, trust)
      const variance = tree.map(
        (n, k) => (isFirst ? mul(k, prior.noise / (shape - 1)) : mul(k, div(n, shape))),
        state.noise,
        trust
      )
      const [rho1, rho2] = [pow(count, -tau1), pow(count, -tau2)]
      const drift = tree.map(
        (b, m, before, v) => add(mul(1 - rho1, b), mul(rho1, add(add(prior.drift, v), square(sub(m, before))))),
        state.drift,
        mu,
        state.mu,
        variance
      )
      const noise = tree.map(
        (n, m, g, v) => add(mul(1 - rho2, n), mul(rho2, add(add(prior.noise, v), square(sub(m, g))))),
        state.noise,
        mu,
        updates,
        variance
      )
      const scaled = tree.map(
        (g, m, v) => emitLike(div(m, add(sqrt(add(square(m), v)), eps)), g),
        updates,
        mu,
        variance
      )
      const next = {
        count,
        mu: tree.castLike(mu, state.mu),
        drift: tree.castLike(drift, state.drift),
        noise: tree.castLike(noise, state.noise)
      }
      return [scaled, next]
    }
  })
}
