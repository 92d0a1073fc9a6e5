import {
  chain,
  check,
  type EmptyState,
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
  type PartitionState,
  partition,
  type ScaleByScheduleState,
  scaleByLearningRate
} from '@gradchain/transforms'
import { ADAM_SIDE, type AdamSideOptions, type AdamSideState, adamSide, matricesApart } from '../internal/adamSide.js'
import { MOMENTUM, momentumOf } from '../internal/momentum.js'
import { type ScaleByMuonOptions, type ScaleByMuonState, scaleByMuon } from './scaleByMuon.js'
import { type ScaleByShapeOptions, scaleByShape } from './scaleByShape.js'

/** Options of {@link muon}: those of `scaleByMuon` and `scaleByShape`, weight decay, and Adam's for the other leaves. */
export interface MuonOptions<P = Tree<Leaf>, M = never>
  extends ScaleByMuonOptions,
    Pick<ScaleByShapeOptions, 'adjustLr' | 'consistentRms'>,
    AdamSideOptions {
  /** Share λ of the matrices that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which of the matrices decay. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
}

/** State of {@link muon}. */
export type MuonState = PartitionState<{
  readonly muon: GradientTransformation<
    readonly [ScaleByMuonState, EmptyState, AddDecayedWeightsState, ScaleByScheduleState]
  >
  readonly adam: GradientTransformation<AdamSideState>
}>

/**
 * Muon for the matrices, AdamW for all other leaves.
 *
 *     partition({
 *       muon: chain(
 *         scaleByMuon(…),
 *         scaleByShape({ adjustLr, consistentRms }),
 *         addDecayedWeights(weightDecay, { mask: weightDecayMask }),
 *         scaleByLearningRate(learningRate)
 *       ),
 *       adam: chain(
 *         scaleByAdam({ b1: adamB1, b2: adamB2, eps: adamEps, epsRoot: adamEpsRoot, nesterov: adamNesterov, muDtype }),
 *         addDecayedWeights(adamWeightDecay),
 *         scaleByLearningRate(adamLearningRate)
 *       )
 *     }, leaf is a matrix ? 'muon' : 'adam')
 *
 * A matrix is what has exactly two axes, or what `weightDimensionNumbers` says. It is meant for what stands between layers: embeddings, heads,
 * norms and biases do better under Adam, so give `weightDimensionNumbers: (path, shape) => …` that says null for them, or a
 * partition of your own.
 *
 * eps, nesterov and muDtype are those of both sides, as in Optax, unless adamEps or adamNesterov say otherwise: with nesterov Adam is NAdam.
 * What others call Muon is, for their matrices `[out, in]` with `weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 }`:
 *
 *     PyTorch        { debias: false, eps: 1e-7, weightDecay: 0.1 }, and { adjustLr: 'matchRmsAdamw' } by adjust_lr_fn
 *     timm           { debias: false, eps: 0, nesterov: false, coefficients: 'dion', adjustLr: 'matchRmsAdamw', adamB2: 0.95, adamEps: 1e-7 }
 *     Keras          { debias: false, eps: 5e-9, adjustLr: 'matchRmsAdamw', weightDecay: 0.004, adamWeightDecay: 0.004,
 *                      adamEps: 1e-7, adamNesterov: false }, whose matrices are [in, out]
 *
 * The first two iterate in bfloat16, which is off by up to 1 % of an update; Keras iterates in the dtype of the params.
 *
 * Laws: on matrices alone it is its first chain, on other leaves alone its second; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = muon(0.1, { method: 'svd' })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: new Float64Array(1) }
 * const grads = { w: ndarray(new Float64Array([3, 0, 0, 2]), [2, 2]), b: new Float64Array([0]) }
 * const [u] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [-0.1, -0, -0, -0.1]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Jordan (2024), Muon: An optimizer for hidden layers in neural networks, {@link https://kellerjordan.github.io/posts/muon};
 * Liu et al. (2025), Muon is Scalable for LLM Training, {@link https://arxiv.org/abs/2502.16982}
 */
export const muon = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: MuonOptions<P, M> = {}
): GradientTransformation<MuonState> => {
  const chosen = withDefaults<Required<MuonOptions<P, M>>>('muon', options, {
    ...MOMENTUM,
    adjustLr: 'original',
    consistentRms: undefined,
    weightDecay: 0,
    weightDecayMask: true,
    ...ADAM_SIDE
  })
  const { weightDimensionNumbers, adjustLr, consistentRms, weightDecay, weightDecayMask } = chosen
  check('muon', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['muon', learningRate, { ...options }],
    partition(
      {
        muon: chain(
          scaleByMuon(momentumOf(chosen)),
          scaleByShape({ adjustLr, consistentRms, weightDimensionNumbers }),
          addDecayedWeights(weightDecay, { mask: weightDecayMask }),
          scaleByLearningRate(learningRate)
        ),
        adam: adamSide('muon', learningRate, chosen)
      },
      matricesApart('muon', weightDimensionNumbers, 'muon')
    )
  )
}
