import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type Mask,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  type StableUpdatesState,
  scaleByAdam,
  scaleByLearningRate,
  stableUpdates
} from '@gradchain/transforms'

/** Options of {@link stableAdamw}. */
export interface StableAdamwOptions<P = Tree<Leaf>, M = never> {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.99` */
  readonly b2?: number
  /** Added to the root of the second moment, and the smallest root that counts, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0.01` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which leaves decay; Adam runs on all of them. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link stableAdamw}. */
export type StableAdamwState = readonly [
  StableUpdatesState<readonly [ScaleByAdamState, AddDecayedWeightsState]>,
  ScaleByScheduleState
]

/**
 * StableAdamW: AdamW that takes shorter steps where gradients are larger than was known of them, which does without clipping by norm.
 *
 *     chain(
 *       stableUpdates(chain(scaleByAdam({ b1, b2, eps, muDtype, nuDtype }), addDecayedWeights(weightDecay, { mask })), {
 *         b2, eps, secondMoment: ([{ nu }]) => nu
 *       }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * For each leaf with the gradient g at step t = 1, 2, …, the params p, the update â and the second moment v̂ of `scaleByAdam`, and the
 * learning rate α:
 *
 *     uₜ = −α(t − 1) (â + λ(t − 1) p) / max(1, rms(g / max(√v̂, eps)))
 *
 * Laws: with weightDecay 0 odd in the gradient; it never moves farther than {@link adamw}; the first step is that of adamw; a number is
 * its constant schedule.
 *
 * The weight decay is shortened, too, as in the paper. Its schedules of β̂ₜ are those of a corrected mean. The defaults are those of
 * transformers' `stable_adamw` and of pytorch_optimizer; neither's sum after Kahan is here, as 16-bit params have another remedy in
 * `mixedPrecision`.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = stableAdamw(0.5, { weightDecay: 0.5 })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 5.5… }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Wortsman et al. (2023), Stable and low-precision training for large-scale vision-language models, algorithm 2,
 * {@link https://arxiv.org/abs/2304.13013}
 */
export const stableAdamw = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: StableAdamwOptions<P, M> = {}
): GradientTransformation<StableAdamwState> => {
  const { weightDecay, mask, ...rest } = withDefaults<Required<StableAdamwOptions<P, M>>>('stableAdamw', options, {
    b1: 0.9,
    b2: 0.99,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined,
    weightDecay: 0.01,
    mask: true
  })
  check('stableAdamw', { weightDecay }, orSchedule(nonNegative))
  const { b2, eps } = rest

  return withOrigin(
    ['stableAdamw', learningRate, { ...options }],
    chain(
      stableUpdates(chain(scaleByAdam(rest), addDecayedWeights(weightDecay, { mask })), {
        b2,
        eps,
        secondMoment: ([{ nu }]) => nu
      }),
      scaleByLearningRate(learningRate)
    )
  )
}
