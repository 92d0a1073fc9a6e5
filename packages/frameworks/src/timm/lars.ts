import {
  boolean,
  chain,
  check,
  type GradientTransformation,
  nonNegative,
  restated,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type SgdState, sgd } from '@gradchain/optimizers'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type WithTrustRatioState,
  withTrustRatio
} from '@gradchain/transforms'
import { rateOf } from '../internal/rateOf.js'
import { clippedTrustRatio } from './internal/clippedTrustRatio.js'

/** Options of {@link lars}. */
export interface LarsOptions {
  /** Decay rate β of the momentum, in `[0, 1]`; with 0 there is none. @defaultValue `0` */
  readonly momentum?: number
  /** Share of each gradient after the first that the momentum leaves out, in `[0, 1]`. @defaultValue `0` */
  readonly dampening?: number
  /** Share λ of the params that is added to the gradient; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
  /** Length η of a step in units of the length of the params, finite and ≥ 0. @defaultValue `0.001` */
  readonly trustCoeff?: number
  /** Added to ‖g‖ + λ ‖p‖, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Whether to scale to the length of the params also without a decay. @defaultValue `false` */
  readonly alwaysAdapt?: boolean
  /** Whether the ratio is not to exceed the learning rate: LARC. @defaultValue `false` */
  readonly trustClip?: boolean
}

/** State of {@link lars}. */
export type LarsState = readonly [WithTrustRatioState<AddDecayedWeightsState>, SgdState]

/**
 * timm's `Lars`.
 *
 *     chain(
 *       withTrustRatio(addDecayedWeights(weightDecay), { trustCoefficient: trustCoeff, eps, denominator: 'sum' }),
 *       trace(momentum, { dampening, nesterov }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * Without a decay it is SGD, unless `alwaysAdapt`: so with the decay of 0 that timm's factory gives it. The length of the params is divided by
 * ‖g‖ + λ ‖p‖, as in the paper, not by the norm of the sum, as in Optax. With `trustClip`, which makes it `larc` of the factory, a step is no
 * longer than that of SGD, where the ratio stands in the place of the learning rate.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1` by default.
 *
 * @example
 * const tx = timm.lars(1, { eps: 0, trustCoeff: 0.5, alwaysAdapt: true })
 * const params = { w: new Float32Array([3, 4]) }
 * step(tx, { w: new Float32Array([0, 8]) }, tx.init(params), params)[0] // => { w: Float32Array [3, 1.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const lars = (
  learningRate: ScalarOrSchedule = 1,
  options: LarsOptions = {}
): GradientTransformation<LarsState> => {
  const owner = 'timm.lars'
  const { momentum, dampening, weightDecay, nesterov, trustCoeff, eps, alwaysAdapt, trustClip } = withDefaults<
    Required<LarsOptions>
  >(owner, options, {
    momentum: 0,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
    trustCoeff: 0.001,
    eps: 1e-8,
    alwaysAdapt: false,
    trustClip: false
  })
  check(owner, { weightDecay }, nonNegative)
  check(owner, { alwaysAdapt, trustClip }, boolean)
  check(owner, { trustCoeff, eps }, nonNegative)
  const decayed = addDecayedWeights(weightDecay)
  const ratio = trustClip
    ? clippedTrustRatio({ weightDecay, trustCoeff, eps }, rateOf(learningRate))
    : withTrustRatio(decayed, { trustCoefficient: trustCoeff, eps, denominator: 'sum' })
  const plain = restated(
    owner,
    decayed,
    (innerState) => ({ innerState }),
    ({ innerState }) => innerState
  )
  return withOrigin(
    ['timm.lars', learningRate, { ...options }],
    chain(
      weightDecay > 0 || alwaysAdapt ? ratio : plain,
      sgd(learningRate, { momentum: momentum === 0 ? undefined : momentum, dampening, nesterov })
    )
  )
}
