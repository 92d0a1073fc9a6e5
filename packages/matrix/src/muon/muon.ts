import {
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type Mask,
  type PartitionState,
  partition,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'
import { ORTHOGONALIZATION } from '../internal/orthogonalization.js'
import { shapeOf } from '../internal/shapeOf.js'
import { viewAt } from '../internal/views.js'
import { type ScaleByMuonOptions, type ScaleByMuonState, scaleByMuon } from './scaleByMuon.js'
import { type ScaleByShapeOptions, scaleByShape } from './scaleByShape.js'

/** Options of {@link muon}: those of `scaleByMuon` and `scaleByShape`, weight decay, and Adam's for the other leaves. */
export interface MuonOptions<P = Tree<Leaf>, M = never>
  extends ScaleByMuonOptions,
    Pick<ScaleByShapeOptions, 'adjustLr' | 'consistentRms'> {
  /** Share λ of the matrices that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which of the matrices decay. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
  /** Decay rate of the first moment of Adam, in `[0, 1)`. @defaultValue `0.9` */
  readonly adamB1?: number
  /** Decay rate of the second moment of Adam, in `[0, 1)`. @defaultValue `0.999` */
  readonly adamB2?: number
  /** Added inside the square root of Adam, ≥ 0. @defaultValue `0` */
  readonly adamEpsRoot?: number
  /** Weight decay of the leaves that are no matrices, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly adamWeightDecay?: ScalarOrSchedule
  /** Learning rate of the leaves that are no matrices. @defaultValue that of the matrices */
  readonly adamLearningRate?: ScalarOrSchedule | undefined
}

/** State of {@link muon}. */
export type MuonState = PartitionState<{
  readonly muon: GradientTransformation<
    readonly [ScaleByMuonState, EmptyState, AddDecayedWeightsState, ScaleByScheduleState]
  >
  readonly adam: GradientTransformation<readonly [ScaleByAdamState, AddDecayedWeightsState, ScaleByScheduleState]>
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
 *         scaleByAdam({ b1: adamB1, b2: adamB2, eps, epsRoot: adamEpsRoot, nesterov, muDtype }),
 *         addDecayedWeights(adamWeightDecay),
 *         scaleByLearningRate(adamLearningRate)
 *       )
 *     }, leaf is a matrix ? 'muon' : 'adam')
 *
 * A matrix is what has exactly two axes, or what `weightDimensionNumbers` says. It is meant for what stands between layers: embeddings, heads,
 * norms and biases do better under Adam, so give `weightDimensionNumbers: (path, shape) => …` that says null for them, or a
 * partition of your own.
 *
 * eps, nesterov and muDtype are shared by both sides, as in Optax: with nesterov Adam is NAdam. PyTorch's Muon is `{ debias: false, eps: 1e-7,
 * weightDecay: 0.1, weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 } }` for its `[out, in]` matrices, iterated in bfloat16 there.
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
 * @see Jordan (2024), {@link https://kellerjordan.github.io/posts/muon}; Liu et al. (2025), {@link https://arxiv.org/abs/2502.16982}
 */
export const muon = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: MuonOptions<P, M> = {}
): GradientTransformation<MuonState> => {
  const chosen = withDefaults<Required<MuonOptions<P, M>>>('muon', options, {
    beta: 0.95,
    muDtype: undefined,
    nesterov: true,
    debias: true,
    adaptive: false,
    weightDimensionNumbers: undefined,
    ...ORTHOGONALIZATION,
    adjustLr: 'original',
    consistentRms: undefined,
    weightDecay: 0,
    weightDecayMask: true,
    adamB1: 0.9,
    adamB2: 0.999,
    adamEpsRoot: 0,
    adamWeightDecay: 0,
    adamLearningRate: undefined
  })
  const { adjustLr, consistentRms, weightDecay, weightDecayMask, adamB1, adamB2, adamEpsRoot, ...others } = chosen
  const { adamWeightDecay, adamLearningRate, ...momentum } = others
  const { weightDimensionNumbers, eps, nesterov, muDtype } = momentum
  check('muon', { weightDecay, adamWeightDecay }, orSchedule(nonNegative))

  return partition(
    {
      muon: chain(
        scaleByMuon(momentum),
        scaleByShape({ adjustLr, consistentRms, weightDimensionNumbers }),
        addDecayedWeights(weightDecay, { mask: weightDecayMask }),
        scaleByLearningRate(learningRate)
      ),
      adam: chain(
        scaleByAdam({ b1: adamB1, b2: adamB2, eps, epsRoot: adamEpsRoot, nesterov, muDtype }),
        addDecayedWeights(adamWeightDecay),
        scaleByLearningRate(adamLearningRate ?? learningRate)
      )
    },
    (params: Tree<Leaf>) =>
      tree.mapWithPath(
        (path, leaf) => (viewAt('muon', weightDimensionNumbers, path, shapeOf(leaf)) === null ? 'adam' : 'muon'),
        params
      )
  )
}
