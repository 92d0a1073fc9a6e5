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
import { scaleByShape } from '../muon/scaleByShape.js'
import { type ScaleByDionOptions, type ScaleByDionState, scaleByDion } from './scaleByDion.js'

/** Options of {@link dion}: those of `scaleByDion`, weight decay, and Adam's for the other leaves. */
export interface DionOptions<P = Tree<Leaf>, M = never> extends ScaleByDionOptions, AdamSideOptions {
  /** Share λ of the matrices that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which of the matrices decay. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
}

/** State of {@link dion}. */
export type DionState = PartitionState<{
  readonly dion: GradientTransformation<
    readonly [ScaleByDionState, EmptyState, AddDecayedWeightsState, ScaleByScheduleState]
  >
  readonly adam: GradientTransformation<AdamSideState>
}>

/**
 * Dion for the matrices, AdamW for all other leaves: orthogonal updates of low rank.
 *
 *     partition({
 *       dion: chain(
 *         scaleByDion({ rankFraction, beta, key, weightDimensionNumbers }),
 *         scaleByShape({ adjustLr: 'rmsToRms', weightDimensionNumbers }),
 *         addDecayedWeights(weightDecay, { mask: weightDecayMask }),
 *         scaleByLearningRate(learningRate)
 *       ),
 *       adam: the AdamW of muon
 *     }, leaf is a matrix ? 'dion' : 'adam')
 *
 * Laws: on matrices alone it is its first chain, on other leaves alone its second; a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = dion(0.1, { rankFraction: 0.5 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: new Float64Array(1) }
 * const grads = { w: ndarray(new Float64Array([3, 0, 0, 0]), [2, 2]), b: new Float64Array([1]) }
 * const [u] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [-0.1, -0, -0, -0]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Ahn et al. (2025), Dion: Distributed Orthonormalized Updates, {@link https://arxiv.org/abs/2504.05295}
 */
export const dion = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: DionOptions<P, M> = {}
): GradientTransformation<DionState> => {
  const chosen = withDefaults<Required<DionOptions<P, M>>>('dion', options, {
    rankFraction: 1,
    beta: 0.95,
    key: 0,
    weightDimensionNumbers: undefined,
    weightDecay: 0,
    weightDecayMask: true,
    ...ADAM_SIDE
  })
  const { rankFraction, beta, key, weightDimensionNumbers, weightDecay, weightDecayMask } = chosen
  check('dion', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['dion', learningRate, { ...options }],
    partition(
      {
        dion: chain(
          scaleByDion({ rankFraction, beta, key, weightDimensionNumbers }),
          scaleByShape({ adjustLr: 'rmsToRms', weightDimensionNumbers }),
          addDecayedWeights(weightDecay, { mask: weightDecayMask }),
          scaleByLearningRate(learningRate)
        ),
        adam: adamSide('dion', learningRate, { ...chosen, eps: 1e-8, nesterov: false, muDtype: undefined })
      },
      matricesApart('dion', weightDimensionNumbers, 'dion')
    )
  )
}
