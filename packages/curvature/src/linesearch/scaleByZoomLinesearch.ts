import {
  check,
  type GradientTransformation,
  inUnitInterval,
  nonNegative,
  oneOf,
  orNull,
  positive,
  positiveInteger,
  type Requirement,
  read,
  type Tree,
  transformation,
  viewsOf,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { lineOf, type ObjectiveExtra, objectiveOf, type StartExtra, startOf } from '../internal/objective.js'
import { scaledOrAtRest } from '../internal/scaledOrAtRest.js'
import { type Found, zoom } from '../internal/zoom.js'

/** Options of {@link scaleByZoomLinesearch}. */
export interface ScaleByZoomLinesearchOptions {
  /** The largest rate, a finite number > 0, or `null` for no bound. @defaultValue `null` */
  readonly maxLearningRate?: number | null
  /** How large the error of a rate that is found may be, finite and ≥ 0. @defaultValue `0` */
  readonly tol?: number
  /** By what the rate grows while the loss goes on falling, finite and > 1. @defaultValue `2` */
  readonly increaseFactor?: number
  /** Share c₁ of the decrease that the slope promises, in `[0, 1)`. @defaultValue `1e-4` */
  readonly slopeRtol?: number
  /** Share c₂ of the slope that may be left, ≥ 0; `Infinity` asks for a decrease alone. @defaultValue `0.9` */
  readonly curvRtol?: number
  /** Share of the loss by which it may rise where its slopes say that it falls, finite and ≥ 0, or `null`. @defaultValue `1e-6` */
  readonly approxDecRtol?: number | null
  /** How short an interval of rates is not looked into once a rate is good enough, finite and ≥ 0. @defaultValue `1e-5` */
  readonly stepsizePrecision?: number
  /** The first rate tried: 1, `'one'`, or that of the last search, `'keep'`. @defaultValue `'keep'` */
  readonly initialGuessStrategy?: 'one' | 'keep'
}

/** How a search has ended. */
export interface ZoomLinesearchInfo {
  /** How many rates were tried. */
  readonly numLinesearchSteps: number
  /** By how much the loss has fallen too little; 0 where it has fallen enough. */
  readonly decreaseError: number
  /** By how much the slope is too large; 0 where it is small enough. */
  readonly curvatureError: number
}

/** State of {@link scaleByZoomLinesearch}. */
export interface ScaleByZoomLinesearchState {
  /** The rate that the last search found, or where it found none the last one that it tried; 1 before the first. */
  readonly learningRate: number
  /** The loss where it led; ∞ before the first. */
  readonly value: number
  /** The gradient there, shaped like the params. */
  readonly grad: Tree
  /** How it ended. */
  readonly info: ZoomLinesearchInfo
}

/** What an update of {@link scaleByZoomLinesearch} needs to be told: the loss at the params, its gradient, and the loss as a function. */
export type ScaleByZoomLinesearchExtra = StartExtra & ObjectiveExtra

/** Which factors may be asked for. */
const aboveOne: Requirement = {
  what: 'a finite number > 1',
  holds: (value) => typeof value === 'number' && value > 1 && value < Infinity
}
const atLeastZero: Requirement = { what: 'a number ≥ 0', holds: (value) => typeof value === 'number' && value >= 0 }

/**
 * Multiplies the updates by the rate at which the loss has fallen enough and is nearly level: a line search for the strong conditions of
 * Wolfe.
 *
 * For the updates u, which point downhill, the loss f at the params x and its slope φ′(η) = ⟨∇f(x + η u), u⟩, it looks for η > 0 with
 *
 *     f(x + η u) ≤ f(x) + c₁ η φ′(0)                   decrease, or
 *     φ′(η) ≤ (2 c₁ − 1) φ′(0)                         and f(x + η u) ≤ f(x) + approxDecRtol |f(x)|
 *     |φ′(η)| ≤ c₂ |φ′(0)|                             curvature
 *
 * The second line is for where f is as good as flat and its differences are rounding errors. The rate grows until the conditions are met or an
 * interval is found in which they must be; then that interval is divided, by a cubic or a parabola through what is known, or in the middle.
 * It goes last into a chain, behind what gives a direction:
 *
 *     const tx = chain(sgd(1), scaleByZoomLinesearch(15))
 *     tx.update(grad, state, params, { value, grad, valueFn })
 *
 * `valueFn` is the loss as a function of params, of expressions, and differentiated; who has a function of arrays that gives loss and
 * gradient hands it over as `valueAndGradFn`. Each is called with arrays in the middle of an update; in a `transient` the params are copied
 * out for it. {@link valueAndGradFromState} gives what the search has seen last, for the next update.
 *
 * A point where the loss or its gradient is not finite counts as too far. A search that fails says so by a `decreaseError` > 0, and goes to
 * the best point that it has seen, or stays to the bit where none is better: it never goes uphill, and does not begin where the updates
 * do not point downhill. With `'keep'` the next one goes on from the last rate tried. A `curvatureError` > 0 alone is a rate where the loss has fallen enough, and which could not
 * be larger.
 *
 * Unlike Optax: a failed search does not take its last point; the errors are those of the point taken; other names in the extra argument are left alone, as other parts of a chain may want them.
 *
 * Laws: where both errors are 0 the conditions hold; powers of two times the loss lead to the same rates; twice the updates have half
 * the rate, from a first guess of half.
 *
 * @param maxLinesearchSteps - how many rates are tried at most, a whole number ≥ 1.
 *
 * @example
 * const tx = chain(scale(-1), scaleByZoomLinesearch(15))
 * const valueFn = ({ w }: { w: Operand }) => mul(2, sumSquares(w))
 * const params = { w: new Float64Array([3, 4]) }
 * const [value, grad] = valueAndGrad(valueFn)(params)
 * const [updates, state] = tx.update(grad, tx.init(params), params, { value, grad, valueFn })
 * updates // => { w: Float64Array [-3, -4] }
 * state[1].learningRate // => 0.25
 * state[1].info // => { numLinesearchSteps: 2, decreaseError: 0, curvatureError: 0 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when the loss is no number or no function;
 * InvalidTree for gradients that do not fit the params.
 * @see Nocedal and Wright (2006), algorithms 3.5 and 3.6
 * @see Hager and Zhang (2006), Algorithm 851: CG_DESCENT, a conjugate gradient method with guaranteed descent,
 * {@link https://doi.org/10.1145/1132973.1132979}
 * @see scaleByBacktrackingLinesearch, lbfgs
 */
export const scaleByZoomLinesearch = (
  maxLinesearchSteps: number,
  options: ScaleByZoomLinesearchOptions = {}
): GradientTransformation<ScaleByZoomLinesearchState, ScaleByZoomLinesearchExtra> => {
  const owner = 'scaleByZoomLinesearch'
  const chosen = withDefaults<Required<ScaleByZoomLinesearchOptions>>(owner, options, {
    maxLearningRate: null,
    tol: 0,
    increaseFactor: 2,
    slopeRtol: 1e-4,
    curvRtol: 0.9,
    approxDecRtol: 1e-6,
    stepsizePrecision: 1e-5,
    initialGuessStrategy: 'keep'
  })
  const { maxLearningRate, tol, increaseFactor, slopeRtol, curvRtol, approxDecRtol, stepsizePrecision } = chosen
  check(owner, { maxLinesearchSteps }, positiveInteger)
  check(owner, { maxLearningRate }, orNull(positive))
  check(owner, { tol, stepsizePrecision }, nonNegative)
  check(owner, { increaseFactor }, aboveOne)
  check(owner, { slopeRtol }, inUnitInterval)
  check(owner, { curvRtol }, atLeastZero)
  check(owner, { approxDecRtol }, orNull(nonNegative))
  check(owner, { initialGuessStrategy: chosen.initialGuessStrategy }, oneOf('one', 'keep'))
  const rules = {
    ...{ tol, increaseFactor, slopeRtol, curvRtol, approxDecRtol },
    ...{ steps: maxLinesearchSteps, maxRate: maxLearningRate ?? Infinity, precision: stepsizePrecision }
  }
  const keepsRate = chosen.initialGuessStrategy === 'keep'

  return transformation<ScaleByZoomLinesearchState, ScaleByZoomLinesearchExtra>({
    origin: [owner, maxLinesearchSteps, { ...options }],
    init: (params) => ({
      learningRate: 1,
      value: Infinity,
      grad: tree.zerosLike(params),
      info: { numLinesearchSteps: 0, decreaseError: Infinity, curvatureError: Infinity }
    }),
    update: (updates, state, params, extra) => {
      const start = startOf(owner, extra, params)
      const objective = objectiveOf(owner, extra)
      viewsOf(updates)
      const { value, grad } = start
      const slope = read(tree.vdot(updates, grad))
      const guess = keepsRate ? state.learningRate || 1 : 1
      const mayFall = slope <= 0 && !Number.isNaN(value)
      const { chosen, steps, rate, decreaseError, curvatureError } = mayFall
        ? zoom(rules, { value, slope }, guess, lineOf(objective, params, updates))
        : notBegun(state.learningRate)
      const next = {
        learningRate: rate,
        value: chosen?.point.value ?? value,
        grad: tree.castLike(chosen?.point.grad ?? grad, params),
        info: { numLinesearchSteps: steps, decreaseError, curvatureError }
      }
      return [scaledOrAtRest(chosen?.point.rate ?? 0, updates), next]
    }
  })
}

const notBegun = (rate: number): Found => ({
  ...{ chosen: null, steps: 0, rate },
  ...{ decreaseError: Infinity, curvatureError: Infinity }
})
