import {
  boolean,
  check,
  type GradientTransformation,
  inUnitInterval,
  nonNegative,
  nonNegativeInteger,
  paramsAfter,
  positive,
  type Requirement,
  read,
  type Tree,
  transformation,
  viewsOf,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import {
  lineOf,
  type Objective,
  type ObjectiveExtra,
  objectiveOf,
  type StartExtra,
  startOf
} from '../internal/objective.js'
import { scaledOrAtRest } from '../internal/scaledOrAtRest.js'

/** Options of {@link scaleByBacktrackingLinesearch}. */
export interface ScaleByBacktrackingLinesearchOptions {
  /** Share c of the decrease that the slope promises, in `[0, 1)`. @defaultValue `1e-4` */
  readonly slopeRtol?: number
  /** By what a rate that was too large is multiplied, in `(0, 1)`. @defaultValue `0.8` */
  readonly decreaseFactor?: number
  /** By what the rate found last is multiplied for the first of the next search, ≥ 1; `Infinity` begins with the largest. @defaultValue `1.5` */
  readonly increaseFactor?: number
  /** The largest rate, finite and > 0. @defaultValue `1` */
  readonly maxLearningRate?: number
  /** How much too little the loss may have fallen, finite and ≥ 0. @defaultValue `0` */
  readonly atol?: number
  /** The same as a share δ of the loss, finite and ≥ 0. @defaultValue `0` */
  readonly rtol?: number
  /** Whether gradients are asked for too, and the last one kept. @defaultValue `false` */
  readonly storeGrad?: boolean
}

/** How a search has ended. */
export interface BacktrackingLinesearchInfo {
  /** How many rates were tried. */
  readonly numLinesearchSteps: number
  /** By how much the loss has fallen too little; at most `atol` where it has fallen enough. */
  readonly decreaseError: number
}

/** State of {@link scaleByBacktrackingLinesearch}. */
export interface ScaleByBacktrackingLinesearchState {
  /** The rate that the last search found, or where it found none the last one that it tried; 1 before the first. */
  readonly learningRate: number
  /** The loss where it led; ∞ before the first. */
  readonly value: number
  /** The gradient there, shaped like the params; `null` unless `storeGrad`. */
  readonly grad: Tree
  /** How it ended. */
  readonly info: BacktrackingLinesearchInfo
}

/** What an update of {@link scaleByBacktrackingLinesearch} needs to be told: the loss at the params, its gradient, and the loss as a function. */
export type ScaleByBacktrackingLinesearchExtra = StartExtra & ObjectiveExtra

/** Which factors may be asked for. */
const betweenZeroAndOne: Requirement = {
  what: 'in (0, 1)',
  holds: (value) => typeof value === 'number' && value > 0 && value < 1
}
const atLeastOne: Requirement = { what: 'a number ≥ 1', holds: (value) => typeof value === 'number' && value >= 1 }

/**
 * Multiplies the updates by the first of ever smaller rates at which the loss has fallen enough: backtracking, for the condition of Armijo.
 *
 * For the updates u, which point downhill, the loss f at the params x, and the rate η₀ of the last search, it tries
 *
 *     η = min(increaseFactor · η₀, maxLearningRate),   then η ← decreaseFactor · η
 *
 * until, for the first time,
 *
 *     f(x + η u) ≤ (1 + δ) f(x) + c η ⟨u, ∇f(x)⟩ + atol
 *
 * It goes last into a chain, behind what gives a direction, such as `sgd(1)`; the extra argument is that of
 * {@link scaleByZoomLinesearch}. Unless `storeGrad`, the loss alone is asked for, and `valueFn` may give a number, computed in any way.
 *
 * A point where the loss is not finite counts as too far. A search that fails says so by a `decreaseError` > atol, and goes to the best point
 * that it has seen, or stays to the bit where none is better: it never goes uphill by more than the tolerances, and does not begin where the updates do not
 * point downhill. The next one goes on from the last rate tried.
 *
 * Unlike Optax: a failed search does not take its last point; other names in the extra argument are left alone, as other parts of a chain may
 * want them.
 *
 * Laws: where the error is 0 the condition holds, and at the rate before it did not; powers of two times the loss lead to the same rates.
 *
 * @param maxBacktrackingSteps - how often a rate is made smaller at most, a whole number ≥ 0.
 *
 * @example
 * const tx = chain(scale(-1), scaleByBacktrackingLinesearch(15))
 * const valueFn = ({ w }: { w: Operand }) => mul(2, sumSquares(w))
 * const params = { w: new Float64Array([3, 4]) }
 * const [value, grad] = valueAndGrad(valueFn)(params)
 * const [updates, state] = tx.update(grad, tx.init(params), params, { value, grad, valueFn })
 * state[1].learningRate // => 0.40960000000000013
 * state[1].info // => { numLinesearchSteps: 5, decreaseError: 0 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when the loss is no number or no function;
 * InvalidTree for gradients that do not fit the params.
 * @see Armijo (1966), Minimization of functions having Lipschitz continuous first partial derivatives,
 * {@link https://doi.org/10.2140/pjm.1966.16.1}
 * @see Vaswani et al. (2019), Painless Stochastic Gradient: Interpolation, Line-Search, and Convergence Rates,
 * {@link https://arxiv.org/abs/1905.09997}
 * @see scaleByZoomLinesearch, valueAndGradFromState
 */
export const scaleByBacktrackingLinesearch = (
  maxBacktrackingSteps: number,
  options: ScaleByBacktrackingLinesearchOptions = {}
): GradientTransformation<ScaleByBacktrackingLinesearchState, ScaleByBacktrackingLinesearchExtra> => {
  const owner = 'scaleByBacktrackingLinesearch'
  const chosen = withDefaults<Required<ScaleByBacktrackingLinesearchOptions>>(owner, options, {
    slopeRtol: 1e-4,
    decreaseFactor: 0.8,
    increaseFactor: 1.5,
    maxLearningRate: 1,
    atol: 0,
    rtol: 0,
    storeGrad: false
  })
  const { slopeRtol, decreaseFactor, increaseFactor, maxLearningRate, atol, rtol, storeGrad } = chosen
  check(owner, { maxBacktrackingSteps }, nonNegativeInteger)
  check(owner, { slopeRtol }, inUnitInterval)
  check(owner, { decreaseFactor }, betweenZeroAndOne)
  check(owner, { increaseFactor }, atLeastOne)
  check(owner, { maxLearningRate }, positive)
  check(owner, { atol, rtol }, nonNegative)
  check(owner, { storeGrad }, boolean)

  return transformation<ScaleByBacktrackingLinesearchState, ScaleByBacktrackingLinesearchExtra>({
    origin: [owner, maxBacktrackingSteps, { ...options }],
    init: (params) => ({
      learningRate: 1,
      value: Infinity,
      grad: storeGrad ? tree.zerosLike(params) : null,
      info: { numLinesearchSteps: 0, decreaseError: Infinity }
    }),
    update: (updates, state, params, extra) => {
      const { value, grad } = startOf(owner, extra, params)
      const tryAt = trying(objectiveOf(owner, extra), params, updates, storeGrad)
      viewsOf(updates)
      const slope = read(tree.vdot(updates, grad))
      const stays = { rate: 0, value, grad }
      let [steps, least, leastError]: [number, Point | null, number] = [0, null, Infinity]
      let tried = state.learningRate
      // A rate of 0 would never grow again.
      let rate = Math.min(increaseFactor * (state.learningRate || 1), maxLearningRate)
      // Where there is no slope downhill, NaN included, the condition would let it go uphill.
      while (slope <= 0 && !Number.isNaN(value) && steps <= maxBacktrackingSteps && !(leastError <= atol)) {
        const point = tryAt(rate)
        tried = rate
        steps += 1
        rate *= decreaseFactor
        const error = Math.max(point.value - (1 + rtol) * value - point.rate * slopeRtol * slope, 0)
        if (error > atol && least !== null && point.value >= least.value) continue
        least = point
        leastError = Number.isNaN(error) ? Infinity : error
      }
      const taken = least !== null && (leastError <= atol || least.value < value) ? least : stays
      const next = {
        learningRate: taken === stays ? tried : taken.rate,
        value: taken.value,
        grad: storeGrad ? tree.castLike(taken.grad, params) : null,
        info: { numLinesearchSteps: steps, decreaseError: leastError }
      }
      return [scaledOrAtRest(taken.rate, updates), next]
    }
  })
}

/** A rate, and the loss at where it leads; its gradient, where that is kept. */
interface Point {
  readonly rate: number
  readonly value: number
  readonly grad: Tree
}

const trying = (objective: Objective, params: Tree, updates: Tree, wantsGrad: boolean): ((rate: number) => Point) => {
  if (wantsGrad) return lineOf(objective, params, updates)
  return (rate) => ({
    rate,
    value: objective.valueAt(paramsAfter(params, tree.scale(rate, updates))),
    grad: null
  })
}
