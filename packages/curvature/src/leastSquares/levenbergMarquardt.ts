import {
  check,
  type GradientTransformation,
  nonNegativeInteger,
  positive,
  positiveInteger,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { layoutOf } from '../internal/layout.js'
import { leastSquaresModel } from '../internal/leastSquaresModel.js'
import { levenbergMarquardtTrial, scaleOf } from '../internal/levenbergMarquardtTrial.js'
import { type ResidualsExtra, residualsIn } from '../internal/residualProblem.js'
import { minus } from '../internal/vectors.js'

/** Options of {@link levenbergMarquardt}. */
export interface LevenbergMarquardtOptions {
  /** How long the first step may be, in lengths of the params; finite and > 0. @defaultValue `10` */
  readonly initialRadius?: number
  /** How many steps are tried in one update at the most, each shorter than the last; a whole number ≥ 1. @defaultValue `10` */
  readonly maxTrials?: number
  /** The most params, or residuals where those are fewer, for which the Jacobian is made as a matrix, a whole number ≥ 0. @defaultValue `300` */
  readonly maxDense?: number
}

/** State of {@link levenbergMarquardt}. */
export interface LevenbergMarquardtState {
  /** How many updates were made. */
  readonly count: number
  /** How long the next step may be, ‖D p‖; 0 before the first. */
  readonly radius: number
  /** The damping λ of the last step. */
  readonly damping: number
  /** The diagonal of D, the largest lengths of the columns of J that were seen, shaped like the params. */
  readonly scale: Tree
  /** Half of the sum of the squares of the residuals after the update; NaN before the first, and where it is not finite. */
  readonly value: number
  /** By how much that fell, beside what the linearized residuals had said. */
  readonly ratio: number
  /** How many steps were tried in the last update. */
  readonly trials: number
}

/**
 * Levenberg's and Marquardt's method: the step that makes linearized residuals least within a region in which they are to be trusted.
 *
 * For the residuals r at the params p, J their derivatives, D the largest lengths of its columns so far:
 *
 *     (Jᵀ J + λ D²) u = −Jᵀ r                     λ the least ≥ 0 with ‖D u‖ ≤ radius, up to a tenth
 *     ρ = (½ ‖r(p)‖² − ½ ‖r(p + u)‖²) / (½ ‖r(p)‖² − ½ ‖r(p) + J u‖²)
 *     radius shrinks where ρ ≤ 1/4, and u is tried again where ρ < 10⁻⁴; it is 2 ‖D u‖ where ρ ≥ 3/4 or λ = 0
 *
 * `update` takes `{ residuals }`, a function of params, and does not look at the gradients. With `{ jacobian }` besides, the residuals may be any
 * function of arrays. Where no trial led down the update is 0, and the next begins with the radius that was left. Inside of a chain what is
 * pending is evaluated for it; trees are vectors in float64 meanwhile.
 *
 * Laws: the sum of squares never rises; params in other units: the same way; along −D⁻² Jᵀ r as the radius goes to 0.
 *
 * @example
 * const tx = levenbergMarquardt()
 * const params = { a: 1, b: 1 }
 * const residuals = ({ a, b }: { a: Operand; b: Operand }) => [sub(a, 3), mul(10, add(a, b))]
 * const [u, state] = tx.update({ a: 0, b: 0 }, tx.init(params), params, { residuals })
 * u.a.toFixed(9) // => '2.000000000'
 * u.b.toFixed(9) // => '-4.000000000'
 * state.damping // => 0
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when residuals are no function; InvalidTree for a Jacobian
 * of another shape.
 * @see leastSquares, which makes as many of these as it takes
 * @see Moré (1978), {@link https://doi.org/10.1007/BFb0067700}
 */
export const levenbergMarquardt = (
  options: LevenbergMarquardtOptions = {}
): GradientTransformation<LevenbergMarquardtState, ResidualsExtra> => {
  const chosen = withDefaults<Required<LevenbergMarquardtOptions>>('levenbergMarquardt', options, {
    initialRadius: 10,
    maxTrials: 10,
    maxDense: 300
  })
  const { initialRadius, maxTrials, maxDense } = chosen
  check('levenbergMarquardt', { initialRadius }, positive)
  check('levenbergMarquardt', { maxTrials }, positiveInteger)
  check('levenbergMarquardt', { maxDense }, nonNegativeInteger)

  return transformation<LevenbergMarquardtState, ResidualsExtra>({
    origin: ['levenbergMarquardt', { ...options }],
    init: (params) => ({
      count: 0,
      radius: 0,
      damping: 0,
      scale: tree.zerosLike(tree.widen(params)),
      value: Number.NaN,
      ratio: Number.NaN,
      trials: 0
    }),
    update: (updates, state, params, extra) => {
      const count = state.count + 1
      // Residuals of nothing cannot be less.
      if (tree.leaves(params).length === 0) return [updates, { ...state, count }]
      const { problem, point, jacobian } = residualsIn('levenbergMarquardt', extra, params, maxDense)
      if (point === null || jacobian === null) {
        return [tree.zerosLike(updates), { ...state, count, value: Number.NaN, ratio: Number.NaN, trials: 0 }]
      }
      // In the order of the params: a state may have come with its keys in another.
      const kept = layoutOf(tree.widen(params))
      const scale = scaleOf(jacobian, kept.read(state.scale))
      const iterative = { maxIterations: 2 * point.x.length, tolerance: 0.1 }
      const model = leastSquaresModel(jacobian, point.residuals, scale, iterative)
      let { radius, damping } = state
      let [there, ratio, trials] = [point, Number.NaN, 0]
      // Where all residuals are 0 there is nothing to be had.
      while (trials < maxTrials && there === point && point.value > 0) {
        const trial = levenbergMarquardtTrial(problem, point, model, scale, { radius, damping }, initialRadius)
        ;({ radius, damping } = trial.region)
        there = trial.point ?? point
        ratio = trial.ratio
        trials += 1
      }
      const next = { count, radius, damping, scale: kept.write(scale), value: there.value, ratio, trials }
      return [kept.write(minus(there.x, point.x)), next]
    }
  })
}
