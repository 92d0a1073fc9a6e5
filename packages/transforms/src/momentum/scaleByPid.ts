import {
  add,
  check,
  type DType,
  finite,
  type GradientTransformation,
  inUnitInterval,
  mul,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByPid}. */
export interface ScaleByPidOptions {
  /** Weight K of the sum of past gradients, finite. @defaultValue `5` */
  readonly integral?: number
  /** Weight D of the mean change of the gradient, finite. @defaultValue `10` */
  readonly derivative?: number
  /** Decay rate β of both, in `[0, 1)`. @defaultValue `0.9` */
  readonly momentum?: number
  /** The dtype in which both, and the last gradient, are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByPid}. */
export interface ScaleByPidState {
  /** How many updates were seen. */
  readonly count: number
  /** The decaying sum i of past updates, shaped like the params. */
  readonly integral: Tree
  /** The mean change d from one update to the next, shaped like the params. */
  readonly derivative: Tree
  /** The update of the step before, shaped like the params. */
  readonly previous: Tree
}

/**
 * Adds to each update the sum of those before, and how they change: a PID controller, without the learning rate. The sum is momentum;
 * the change stops it from overshooting.
 *
 * Elementwise, for the update g = gₜ at step t = 1, 2, …, from i₀ = d₀ = 0 and g₀ = g₁:
 *
 *     iₜ = β iₜ₋₁ + gₜ
 *     dₜ = β dₜ₋₁ + (1 − β) (gₜ − gₜ₋₁)
 *     uₜ = gₜ + K iₜ + D dₜ
 *
 * Laws: elementwise; linear in the history of gradients; with K = D = 0 it is the identity; of gradients that stay the same
 * uₜ = g (1 + K (1 − βᵗ) / (1 − β)).
 *
 * @example
 * const tx = scaleByPid({ integral: 1, derivative: 2, momentum: 0.5 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 4 }, tx.init(params), params)
 * first // => { w: 8 }
 * tx.update({ w: 6 }, state, params)[0] // => { w: 16 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see An et al. (2018), A PID Controller Approach for Stochastic Optimization of Deep Networks, section 4,
 * {@link https://doi.org/10.1109/CVPR.2018.00889}
 * @see trace
 */
export const scaleByPid = (options: ScaleByPidOptions = {}): GradientTransformation<ScaleByPidState> => {
  const { integral, derivative, momentum, accumulatorDtype } = withDefaults<Required<ScaleByPidOptions>>(
    'scaleByPid',
    options,
    { integral: 5, derivative: 10, momentum: 0.9, accumulatorDtype: undefined }
  )
  check('scaleByPid', { integral, derivative }, finite)
  check('scaleByPid', { momentum }, inUnitInterval)
  check('scaleByPid', { accumulatorDtype }, dtypeOption)

  return transformation<ScaleByPidState>({
    origin: ['scaleByPid', { ...options }],
    init: (params) => {
      const none = (): Tree => tree.zerosLike(tree.widen(params), accumulatorDtype)
      return { count: 0, integral: none(), derivative: none(), previous: none() }
    },
    update: (updates, state) => {
      const { count } = state
      const sums = tree.map((g, i) => add(g, mul(momentum, i)), updates, state.integral)
      // Before the first gradient there is none from which it could differ.
      const changes = tree.map((g, last) => sub(g, count === 0 ? g : last), updates, state.previous)
      const trends = tree.map((change, d) => updateMoment(change, d, momentum, 1), changes, state.derivative)
      const controlled = tree.map(
        (g, i, d) => emitLike(add(add(g, mul(integral, i)), mul(derivative, d)), g),
        updates,
        sums,
        trends
      )
      const next = {
        count: count + 1,
        integral: tree.castLike(sums, state.integral),
        derivative: tree.castLike(trends, state.derivative),
        previous: tree.castLike(updates, state.previous)
      }
      return [controlled, next]
    }
  })
}
