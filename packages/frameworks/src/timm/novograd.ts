import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  identity,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ScaleByNovogradState,
  type ScaleByScheduleState,
  scale,
  scaleByLearningRate,
  scaleByNovograd
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'

/** Options of {@link novograd}. */
export interface NovogradOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.95, 0.98]` */
  readonly betas?: Betas
  /** Added to the root of the second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is added to the normalised gradient; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the momentum is a mean of the gradients. @defaultValue `false` */
  readonly gradAveraging?: boolean
}

/** State of {@link novograd}. */
export type NovogradState = readonly [ScaleByNovogradState, EmptyState, ScaleByScheduleState]

/**
 * timm's `NvNovoGrad`.
 *
 *     novograd(learningRate, { b1, b2, eps, weightDecay })
 *
 * The momentum is a sum, not a mean, so that a constant gradient ends at steps of 20 α, unless `gradAveraging`. The decay is part of what is summed. timm takes the first norm whole that is not 0, this
 * the first one: they differ where the first gradient of an array is all 0.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.novograd()
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.999… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const novograd = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: NovogradOptions = {}
): GradientTransformation<NovogradState> => {
  const owner = 'timm.novograd'
  const { betas, eps, weightDecay, gradAveraging } = withDefaults<Required<NovogradOptions>>(owner, options, {
    betas: [0.95, 0.98],
    eps: 1e-8,
    weightDecay: 0,
    gradAveraging: false
  })
  check(owner, { gradAveraging }, boolean)
  const { b1, b2 } = namedBetas(owner, betas)
  return withOrigin(
    ['timm.novograd', learningRate, { ...options }],
    chain(
      scaleByNovograd({ b1, b2, eps, weightDecay }),
      gradAveraging ? scale(1 - b1) : identity(),
      scaleByLearningRate(learningRate)
    )
  )
}
