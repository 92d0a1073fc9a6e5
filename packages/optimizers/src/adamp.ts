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
  type Mask,
  type ProjectRadialState,
  projectRadial,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link adamp}. */
export interface AdampOptions<P = Tree<Leaf>, M = never> {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added to the root of the second moment and to the length of params, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the first moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly muDtype?: DType | undefined
  /** The dtype in which the second moment is kept; by default that of the params, float32 where they are 16-bit. */
  readonly nuDtype?: DType | undefined
  /** Whether the first moment looks one step ahead, as in NAdam. @defaultValue `false` */
  readonly nesterov?: boolean
  /** How far from a right angle gradients and params may be, in units of a cosine by chance, δ, finite and ≥ 0. @defaultValue `0.1` */
  readonly delta?: number
  /** Share λ of the params that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** How much of the weight decay is left where something is taken out, finite and ≥ 0. @defaultValue `0.1` */
  readonly wdRatio?: number
  /** Which leaves decay. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link adamp}. */
export type AdampState = readonly [ProjectRadialState<ScaleByAdamState>, ScaleByScheduleState]

/**
 * AdamP: Adam that does not make weights longer whose length a normalization takes away again.
 *
 *     chain(
 *       projectRadial(scaleByAdam({ b1, b2, eps, muDtype, nuDtype, nesterov }), { delta, eps, weightDecay, wdRatio, mask }),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * In each array of two axes and more, for the update â of `scaleByAdam`, the params p and the learning rate α at step t = 1, 2, …:
 *
 *     uₜ = −α(t − 1) (â − p̂ ⟨p̂, â⟩ + ρ λ(t − 1) p)       where gradient and params are nearly across each other, p̂ = p / ‖p‖
 *     uₜ = −α(t − 1) (â + λ(t − 1) p)                     elsewhere
 *
 * Laws: with weightDecay 0 odd in the gradient; on numbers and vectors, and with δ = 0, it is {@link adamw}; a number is its constant
 * schedule.
 *
 * With `nesterov` the mean of the next step is corrected as such, as everywhere here; the authors' code, and timm, correct it for this
 * one.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adamp(0.5, { weightDecay: 0.5 })
 * const params = { kernel: ndarray(new Float64Array([2, 0]), [1, 2]) }
 * // The gradient is across the params: half a step across them, and a tenth of the decay.
 * const [next] = step(tx, { kernel: ndarray(new Float64Array([0, 3]), [1, 2]) }, tx.init(params), params)
 * next.kernel.data // => Float64Array [1.95, -0.49…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Heo et al. (2020), AdamP: Slowing Down the Slowdown for Momentum Optimizers on Scale-invariant Weights, algorithm 2,
 * {@link https://arxiv.org/abs/2006.08217}
 */
export const adamp = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdampOptions<P, M> = {}
): GradientTransformation<AdampState> => {
  const { delta, weightDecay, wdRatio, mask, ...rest } = withDefaults<Required<AdampOptions<P, M>>>('adamp', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    muDtype: undefined,
    nuDtype: undefined,
    nesterov: false,
    delta: 0.1,
    weightDecay: 0,
    wdRatio: 0.1,
    mask: true
  })
  check('adamp', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adamp', learningRate, { ...options }],
    chain(
      projectRadial(scaleByAdam(rest), { delta, eps: rest.eps, weightDecay, wdRatio, mask }),
      scaleByLearningRate(learningRate)
    )
  )
}
