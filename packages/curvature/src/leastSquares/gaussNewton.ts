import {
  check,
  type GradientTransformation,
  nonNegativeInteger,
  positiveInteger,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { gaussNewtonSearch } from '../internal/gaussNewtonSearch.js'
import { layoutOf } from '../internal/layout.js'
import { leastSquaresModel } from '../internal/leastSquaresModel.js'
import { scaleOf } from '../internal/levenbergMarquardtTrial.js'
import { type ResidualsExtra, residualsIn } from '../internal/residualProblem.js'
import { minus } from '../internal/vectors.js'

/** Options of {@link gaussNewton}. */
export interface GaussNewtonOptions {
  /** How many shares of a step are tried at the most, a whole number ≥ 1. @defaultValue `40` */
  readonly maxTrials?: number
  /** The most params, or residuals where those are fewer, for which the Jacobian is made as a matrix, a whole number ≥ 0. @defaultValue `300` */
  readonly maxDense?: number
}

/** State of {@link gaussNewton}. */
export interface GaussNewtonState {
  /** How many updates were made. */
  readonly count: number
  /** Half of the sum of the squares of the residuals after the update; NaN before the first, and where it is not finite. */
  readonly value: number
  /** Which share of the whole step the last update was; 0 where none led down. */
  readonly rate: number
  /** How many shares were tried. */
  readonly trials: number
}

/**
 * Gauss's and Newton's method: the step that makes linearized residuals least, and as much of it as leads down.
 *
 *     Jᵀ J d = −Jᵀ r                              the shortest d of several, lengths in units of the columns of J
 *     u = α d                                     α = 1, then the minimum of a parabola, until ½ ‖r(p + u)‖² ≤ ½ ‖r(p)‖² + 10⁻⁴ ⟨Jᵀ r, u⟩
 *
 * `update` takes `{ residuals }`, a function of params, and does not look at the gradients. With `{ jacobian }` besides, the residuals may be any
 * function of arrays. Near a minimum where residuals are small it converges as Newton's method does; where J loses its rank on the way
 * {@link levenbergMarquardt} is safer.
 *
 * Laws: the sum of squares never rises; what is linear is solved by one update; blind to linear changes of the params.
 *
 * @example
 * const tx = gaussNewton()
 * const params = { a: 1, b: 1 }
 * const residuals = ({ a, b }: { a: Operand; b: Operand }) => [sub(a, 3), mul(10, add(a, b))]
 * const [u] = tx.update({ a: 0, b: 0 }, tx.init(params), params, { residuals })
 * u.a.toFixed(9) // => '2.000000000'
 * u.b.toFixed(9) // => '-4.000000000'
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when residuals are no function; InvalidTree for a Jacobian
 * of another shape.
 * @see leastSquares, which makes as many of these as it takes
 * @see Nocedal and Wright (2006), section 10.3
 */
export const gaussNewton = (
  options: GaussNewtonOptions = {}
): GradientTransformation<GaussNewtonState, ResidualsExtra> => {
  const { maxTrials, maxDense } = withDefaults<Required<GaussNewtonOptions>>('gaussNewton', options, {
    maxTrials: 40,
    maxDense: 300
  })
  check('gaussNewton', { maxTrials }, positiveInteger)
  check('gaussNewton', { maxDense }, nonNegativeInteger)

  return transformation<GaussNewtonState, ResidualsExtra>({
    origin: ['gaussNewton', { ...options }],
    init: () => ({ count: 0, value: Number.NaN, rate: 0, trials: 0 }),
    update: (updates, state, params, extra) => {
      const count = state.count + 1
      // Residuals of nothing cannot be less.
      if (tree.leaves(params).length === 0) return [updates, { ...state, count }]
      const { problem, point, jacobian } = residualsIn('gaussNewton', extra, params, maxDense)
      if (point === null || jacobian === null) {
        return [tree.zerosLike(updates), { count, value: Number.NaN, rate: 0, trials: 0 }]
      }
      const iterative = { maxIterations: 2 * point.x.length, tolerance: 1e-3 }
      const model = leastSquaresModel(jacobian, point.residuals, scaleOf(jacobian, null), iterative)
      const found = gaussNewtonSearch(problem, point, model, maxTrials)
      const there = found.point ?? point
      const rate = found.point === null ? 0 : found.rate
      const emitted = layoutOf(tree.widen(params)).write(minus(there.x, point.x))
      return [emitted, { count, value: there.value, rate, trials: found.trials }]
    }
  })
}
