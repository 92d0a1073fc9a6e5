import { chain, type EmptyState, type GradientTransformation, withDefaults, withOrigin } from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type MirrorMapOptions, mirrorMap, type ScaleByScheduleState, scaleByLearningRate } from '@gradchain/transforms'

/** Options of {@link mirrorDescent}. */
export type MirrorDescentOptions = MirrorMapOptions

/** State of {@link mirrorDescent}. */
export type MirrorDescentState = readonly [ScaleByScheduleState, EmptyState]

/**
 * Mirror descent: gradient descent where params are shares of a whole (exponentiated gradients), positive, or few.
 *
 *     chain(scaleByLearningRate(learningRate), mirrorMap({ map, p }))
 *
 * On the simplex, for the gradient g and the learning rate α, each leaf by itself:
 *
 *     w ← w e^(−α g) / Σ w e^(−α g)
 *
 * Params must start there, all of them above 0: equal shares, where nothing is known.
 *
 * Laws: on the simplex the share of param i after all gradients is w₀ᵢ e^(−Σ α gᵢ), but for a factor, and with losses in [0, 1] and n
 * shares the regret after T steps is at most ln n / α + α T / 8; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = mirrorDescent(Math.log(2))
 * const params = { w: new Float64Array([0.5, 0.5]) }
 * const [next] = step(tx, { w: new Float64Array([0, 1]) }, tx.init(params), params)
 * next.w.map((x) => Math.round(1e4 * x) / 1e4) // => Float64Array [0.6667, 0.3333]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Nemirovski and Yudin (1983), Problem Complexity and Method Efficiency in Optimization; Kivinen and Warmuth (1997),
 * Exponentiated Gradient versus Gradient Descent for Linear Predictors, {@link https://doi.org/10.1006/inco.1996.2612}; Hazan
 * (2016), Introduction to Online Convex Optimization, chapter 5, {@link https://arxiv.org/abs/1909.05207}
 */
export const mirrorDescent = (
  learningRate: ScalarOrSchedule,
  options: MirrorDescentOptions = {}
): GradientTransformation<MirrorDescentState> => {
  const chosen = withDefaults<Required<MirrorDescentOptions>>('mirrorDescent', options, { map: 'simplex', p: 1.5 })

  return withOrigin(
    ['mirrorDescent', learningRate, { ...options }],
    chain(scaleByLearningRate(learningRate), mirrorMap(chosen))
  )
}
