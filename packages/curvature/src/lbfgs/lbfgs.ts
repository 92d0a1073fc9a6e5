import {
  type AnyGradientTransformation,
  chain,
  type ExtraOf,
  type GradientTransformation,
  type StateOf,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { type ScaleByScheduleState, scaleByLearningRate } from '@gradchain/transforms'
import {
  type ScaleByZoomLinesearchExtra,
  type ScaleByZoomLinesearchState,
  scaleByZoomLinesearch
} from '../linesearch/scaleByZoomLinesearch.js'
import { type ScaleByLbfgsOptions, type ScaleByLbfgsState, scaleByLbfgs } from './scaleByLbfgs.js'

/** The line search of {@link lbfgs}. */
type Zoom = GradientTransformation<ScaleByZoomLinesearchState, ScaleByZoomLinesearchExtra>

/** Options of {@link lbfgs}: those of `scaleByLbfgs`, and what is done with the direction. */
export interface LbfgsOptions<Linesearch extends AnyGradientTransformation = Zoom> extends ScaleByLbfgsOptions {
  /** Factor of the direction before the line search, finite and ≥ 0, or a schedule. @defaultValue `1` */
  readonly learningRate?: ScalarOrSchedule
  /**
   * What makes a step of the direction; `identity()` takes it as it is.
   * @defaultValue `scaleByZoomLinesearch(20, { initialGuessStrategy: 'one' })`
   */
  readonly linesearch?: Linesearch
}

/** State of {@link lbfgs}. */
export type LbfgsState<Inner = ScaleByZoomLinesearchState> = readonly [ScaleByLbfgsState, ScaleByScheduleState, Inner]

/**
 * L-BFGS: the gradient times an estimate of the inverse Hessian, made of the last m steps, with a line search for the strong conditions of
 * Wolfe.
 *
 *     chain(scaleByLbfgs({ memorySize, scaleInitPrecond }), scaleByLearningRate(learningRate), linesearch)
 *
 * It is for losses that are the same at every step, of all the data. The update takes the loss, its gradient, and the loss as a function, as {@link scaleByZoomLinesearch} says:
 *
 *     tx.update(grad, state, params, { value, grad, valueFn })
 *
 * The next loss and gradient are in the state: {@link valueAndGradFromState}.
 *
 * Unlike Optax: the search as in {@link scaleByZoomLinesearch}, the memory as in {@link scaleByLbfgs}; the learning rate is 1 where it has
 * `None`; to leave the search out, give `identity()`.
 *
 * Laws: powers of two times the loss lead to the same params from the second step on; a tree and its flattened vector agree; a
 * learning rate that is a number is its constant schedule.
 *
 * @example
 * const tx = lbfgs()
 * const loss = {
 *   valueFn: ({ x, y }: { x: Operand; y: Operand }) =>
 *     add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))
 * }
 * const valueAndGradOf = valueAndGradFromState(loss)
 * let params = { x: -1.2, y: 1 }
 * let state = tx.init(params)
 * for (let t = 0; t < 35; t++) {
 *   const [value, grad] = valueAndGradOf(params, state)
 *   ;[params, state] = step(tx, grad, state, params, { value, grad, ...loss })
 * }
 * Math.abs(params.x - 1) < 1e-8 && Math.abs(params.y - 1) < 1e-8 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Liu and Nocedal (1989), On the limited memory BFGS method for large scale optimization,
 * {@link https://doi.org/10.1007/BF01589116}
 */
export const lbfgs = <Linesearch extends AnyGradientTransformation = Zoom>(
  options: LbfgsOptions<Linesearch> = {}
): GradientTransformation<LbfgsState<StateOf<Linesearch>>, ExtraOf<Linesearch>> => {
  const { learningRate, linesearch, ...rest } = withDefaults<Required<LbfgsOptions<AnyGradientTransformation>>>(
    'lbfgs',
    options,
    {
      learningRate: 1,
      linesearch: scaleByZoomLinesearch(20, { initialGuessStrategy: 'one' }),
      memorySize: 10,
      scaleInitPrecond: true
    }
  )
  // Where none is given it is the default, which `Linesearch` is then, too.
  const last = linesearch as Linesearch

  return withOrigin(['lbfgs', { ...options }], chain(scaleByLbfgs(rest), scaleByLearningRate(learningRate), last))
}
