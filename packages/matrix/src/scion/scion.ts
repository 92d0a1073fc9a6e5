import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type EmaState,
  ema,
  type ScaleByScheduleState,
  scaleByLearningRate
} from '@gradchain/transforms'
import { ORTHOGONALIZATION } from '../internal/orthogonalization.js'
import { type ScaleByLmoOptions, scaleByLmo } from './scaleByLmo.js'

/** Options of {@link scion}: those of `scaleByLmo`, and these. */
export interface ScionOptions extends ScaleByLmoOptions {
  /** Decay rate β of the momentum, in `[0, 1)`; the paper's α is 1 − β. @defaultValue `0.9` */
  readonly beta?: number
  /** Whether the params stay in the ball: a Frank–Wolfe step, whose weight decay is 1. @defaultValue `false` */
  readonly constrained?: boolean
}

/** State of {@link scion}. */
export type ScionState = readonly [EmaState, EmptyState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * Scion: the momentum, stretched to the longest step that a norm allows; and, constrained, a step towards that point of the ball.
 *
 *     chain(
 *       ema(beta, { debias: false }),
 *       scaleByLmo({ norm, radius, … }),
 *       addDecayedWeights(constrained ? 1 : 0),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * Each layer has the norm of what goes into it and comes out; so give them in a `partition`: `'colNorm'` or `'sign'` for the embedding,
 * `'spectral'` for hidden layers, `'rowNorm'` or `'sign'` for the last one, with radii such as 1, 50 and 3000.
 *
 * Laws: odd without constrained; blind to the scale of all gradients when eps = 0; constrained, with α ≤ 1, params of a norm of at most ρ keep
 * one of at most ρ, as nearly as `orthogonalize` has it.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scion(0.5, { norm: 'sign', radius: 2, constrained: true })
 * const params = { w: new Float64Array([1, 1]) }
 * const [u] = tx.update({ w: new Float64Array([0.1, -7]) }, tx.init(params), params)
 * applyUpdates(params, u) // => { w: Float64Array [-0.5, 1.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Pethick et al. (2025), algorithms 1 and 2, {@link https://arxiv.org/abs/2502.07529}
 */
export const scion = (
  learningRate: ScalarOrSchedule,
  options: ScionOptions = {}
): GradientTransformation<ScionState> => {
  const { beta, constrained, ...others } = withDefaults<Required<ScionOptions>>('scion', options, {
    beta: 0.9,
    constrained: false,
    norm: 'spectral',
    radius: 1,
    weightDimensionNumbers: undefined,
    ...ORTHOGONALIZATION
  })
  check('scion', { constrained }, boolean)

  return withOrigin(
    ['scion', learningRate, { ...options }],
    chain(
      ema(beta, { debias: false }),
      scaleByLmo(others),
      addDecayedWeights(constrained ? 1 : 0),
      scaleByLearningRate(learningRate)
    )
  )
}
