import {
  add,
  check,
  div,
  equal,
  type GradientTransformation,
  inUnitInterval,
  lessEqual,
  min,
  mul,
  nonNegativeInteger,
  norm,
  type Operand,
  positive,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link adaptiveNormClip}. */
export interface AdaptiveNormClipOptions {
  /** How many times as long as its mean a gradient may be, λ_rel, finite and > 0. @defaultValue `1.05` */
  readonly relative?: number
  /** Decay rate β of the mean of lengths, in `[0, 1)`. @defaultValue `0.98` */
  readonly decay?: number
  /** The largest norm of all gradients together in the first steps, λ_abs, finite and > 0. @defaultValue `1` */
  readonly absolute?: number
  /** The step from which on each leaf is measured by its own mean, a whole number ≥ 0. @defaultValue `100` */
  readonly warmupSteps?: number
}

/** State of {@link adaptiveNormClip}. */
export interface AdaptiveNormClipState {
  /** How many updates were seen. */
  readonly count: number
  /** The mean γ of the lengths of each leaf, a number for each; 0 where nothing but zeros was seen. */
  readonly gamma: Tree
}

/**
 * Shortens each array of the updates to little more than the length that it has had on average: AdaGC. The bound needs no tuning, and
 * follows each array as its gradients get smaller.
 *
 * For each leaf g at step t = 1, 2, …, from γ₀ = 0, with w = warmupSteps:
 *
 *     u  = g min(1, λ_abs / ‖all leaves‖)                at the first step, and while t < w
 *     γₜ = min(γₜ₋₁, ‖u‖)                                ‖u‖ where γₜ₋₁ is 0
 *
 *     u  = g min(1, λ_rel γₜ₋₁ / ‖g‖)                    after that; g where γₜ₋₁ is 0
 *     γₜ = β γₜ₋₁ + (1 − β) ‖u‖                          ‖u‖ where γₜ₋₁ is 0
 *
 * where γ stays as it is at gradients of zero: they say nothing of how long the next one may be. In the paper a leaf whose first
 * gradient is 0, as half of those of a fresh LoRA are, would get none for ever.
 *
 * A gradient that must grow does so by at most (1 − β)(λ_rel − 1), a thousandth by default, at each step; what is not finite stays in
 * its leaf, and in its γ: {@link applyIfFinite} around the chain spares that.
 *
 * Laws: ‖u‖ ≤ ‖g‖; with all gradients together shorter than λ_abs it does nothing while they stay the same; odd; after the first steps,
 * each leaf is treated as if it were alone.
 *
 * @example
 * const tx = adaptiveNormClip({ relative: 2, absolute: 10, warmupSteps: 0 })
 * const params = { w: new Float64Array(2) }
 * const [, state] = tx.update({ w: new Float64Array([3, 4]) }, tx.init(params), params)
 * state // => { count: 1, gamma: { w: 5 } }
 * tx.update({ w: new Float64Array([30, 40]) }, state, params)[0] // => { w: Float64Array [6, 8] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Wang et al. (2025), AdaGC: Improving Training Stability for Large Language Model Pretraining, algorithm 1,
 * {@link https://arxiv.org/abs/2502.11034}
 * @see clipByNorm, adaptiveGradClip
 */
export const adaptiveNormClip = (
  options: AdaptiveNormClipOptions = {}
): GradientTransformation<AdaptiveNormClipState> => {
  const { relative, decay, absolute, warmupSteps } = withDefaults('adaptiveNormClip', options, {
    relative: 1.05,
    decay: 0.98,
    absolute: 1,
    warmupSteps: 100
  })
  check('adaptiveNormClip', { relative, absolute }, positive)
  check('adaptiveNormClip', { decay }, inUnitInterval)
  check('adaptiveNormClip', { warmupSteps }, nonNegativeInteger)

  /** The mean after a length, where that is one. */
  const after = (gamma: Operand, length: Value, next: Value): Value =>
    where(equal(length, 0), gamma, where(equal(gamma, 0), length, next))

  return transformation<AdaptiveNormClipState>({
    origin: ['adaptiveNormClip', { ...options }],
    init: (params) => ({ count: 0, gamma: tree.map(() => 0, params) }),
    update: (updates, state) => {
      const count = state.count + 1
      if (count === 1 || count < warmupSteps) {
        const factor = within(absolute, tree.norm(updates))
        const clipped = tree.map((g) => mul(g, factor), updates)
        const gamma = tree.map(
          (g, last) => {
            const length = mul(norm(g), factor)
            return after(last, length, min(last, length))
          },
          updates,
          state.gamma
        )
        return [clipped, { count, gamma }]
      }
      const factors = tree.map(
        (g, last) => {
          const factor = within(mul(relative, last), norm(g))
          return where(equal(last, 0), 1, factor)
        },
        updates,
        state.gamma
      )
      const clipped = tree.map((g, factor) => mul(g, factor), updates, factors)
      const gamma = tree.map(
        (g, factor, last) => {
          const length = mul(norm(g), factor)
          return after(last, length, add(mul(decay, last), mul(1 - decay, length)))
        },
        updates,
        factors,
        state.gamma
      )
      return [clipped, { count, gamma }]
    }
  })
}

/** What shortens a length to at most so much: 1 where it is no longer. */
const within = (most: Operand, length: Value): Value => where(lessEqual(length, most), 1, div(most, length))
