import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import { type ScaleByRpropOptions, type ScaleByRpropState, scale, scaleByRprop } from '@gradchain/transforms'

/** Options of {@link rprop}: those of `scaleByRprop`. */
export type RpropOptions = ScaleByRpropOptions

/** State of {@link rprop}. */
export type RpropState = readonly [ScaleByRpropState, EmptyState]

/**
 * Rprop: steps in the direction of the sign of the gradient, of a size that each element finds for itself; for full batches.
 *
 *     chain(scaleByRprop(learningRate, { etaMinus, etaPlus, minStepSize, maxStepSize, accumulatorDtype }), scale(-1))
 *
 * For the gradient g at step t = 1, 2, …, from Δ₀ = learningRate and σ₀ = 0, Δ being kept between minStepSize and maxStepSize:
 *
 *     sign(g) σₜ₋₁ > 0:     Δₜ = Δₜ₋₁ · etaPlus        σₜ = sign(g)
 *     sign(g) σₜ₋₁ < 0:     Δₜ = Δₜ₋₁ · etaMinus       σₜ = 0
 *     otherwise:            Δₜ = Δₜ₋₁                  σₜ = sign(g)
 *     uₜ = −σₜ Δₜ
 *
 * Laws: elementwise; odd in the gradient; blind to its scale; |u| ≤ maxStepSize.
 *
 * The learning rate is the size of the first step, so it is a number and no schedule. As in PyTorch, and unlike Optax 0.2.8, an
 * update is emitted at the step it belongs to.
 *
 * @param learningRate - the size of the first step, a number from minStepSize to maxStepSize.
 *
 * @example
 * const tx = rprop(0.5, { etaPlus: 2 })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 30 }, tx.init(params), params)
 * next // => { w: 3.5 }
 * step(tx, { w: 20 }, state, next)[0] // => { w: 2.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, in the name of `scaleByRprop`.
 * @see Riedmiller and Braun (1993), A direct adaptive method for faster backpropagation learning: the RPROP algorithm,
 * {@link https://doi.org/10.1109/ICNN.1993.298623}
 */
export const rprop = (learningRate: number, options: RpropOptions = {}): GradientTransformation<RpropState> => {
  const chosen = withDefaults<Required<RpropOptions>>('rprop', options, {
    etaMinus: 0.5,
    etaPlus: 1.2,
    minStepSize: 1e-6,
    maxStepSize: 50,
    accumulatorDtype: undefined
  })

  return withOrigin(['rprop', learningRate, { ...options }], chain(scaleByRprop(learningRate, chosen), scale(-1)))
}
