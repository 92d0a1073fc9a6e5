import {
  chain,
  check,
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
import { type ScaleByMuonRmsState, scaleByMuonRms } from './scaleByMuonRms.js'

/** Options of {@link normuon}: those of `scaleByMuon`, of `scaleByMuonRms`, weight decay, and Adam's for the other leaves. */
export interface NormuonOptions<P = Tree<Leaf>, M = never> extends ScaleByMuonOptions, AdamSideOptions {
  /** Whether the momentum looks one step ahead. @defaultValue `false` */
  readonly nesterov?: boolean
  /** Whether the momentum is made up for its start at zero. @defaultValue `false` */
  readonly debias?: boolean
  /** Decay rate β₂ of the mean squares of the matrices, in `[0, 1)`. @defaultValue `0.95` */
  readonly b2?: number
  /** The `eps` of `scaleByMuonRms`, finite and > 0. @defaultValue `1e-8` */
  readonly rmsEps?: number
  /** The root mean square that an update of a matrix has before α, finite and > 0. @defaultValue `0.2` */
  readonly rms?: number
  /** Share λ of the matrices that is taken off at each step, times α; finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly weightDecay?: ScalarOrSchedule
  /** Which of the matrices decay. @defaultValue `true` */
  readonly weightDecayMask?: Mask<P, M> | undefined
}

/** State of {@link normuon}. */
export type NormuonState = PartitionState<{
  readonly muon: GradientTransformation<
    readonly [ScaleByMuonState, ScaleByMuonRmsState, AddDecayedWeightsState, ScaleByScheduleState]
  >
  readonly adam: GradientTransformation<AdamSideState>
}>

/**
 * NorMuon for the matrices, AdamW for all other leaves: Muon whose output neurons all move alike.
 *
 *     partition({
 *       muon: chain(
 *         scaleByMuon(…),
 *         scaleByMuonRms({ per: 'output', b2, eps: rmsEps, rms }),
 *         addDecayedWeights(weightDecay, { mask: weightDecayMask }),
 *         scaleByLearningRate(learningRate)
 *       ),
 *       adam: the AdamW of muon
 *     }, leaf is a matrix ? 'muon' : 'adam')
 *
 * The default momentum is the paper's: without nesterov, and 5 steps of Jordan's coefficients.
 *
 * Laws: on matrices alone it is its first chain, on other leaves alone its second; the root mean square of a matrix's update is α rms, up to eps.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = normuon(0.1)
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: new Float64Array(1) }
 * const grads = { w: ndarray(new Float64Array([3, 0, 0, 2]), [2, 2]), b: new Float64Array([1]) }
 * const [u] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [-0.028…, -0, -0, -0.028…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Li et al. (2025), NorMuon: Making Muon more efficient and scalable, {@link https://arxiv.org/abs/2510.05491}
 */
export const normuon = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: NormuonOptions<P, M> = {}
): GradientTransformation<NormuonState> => {
  const chosen = withDefaults<Required<NormuonOptions<P, M>>>('normuon', options, {
    ...MOMENTUM,
    nesterov: false,
    debias: false,
    b2: 0.95,
    rmsEps: 1e-8,
    rms: 0.2,
    weightDecay: 0,
    weightDecayMask: true,
    ...ADAM_SIDE
  })
  const { b2, rmsEps, rms, weightDimensionNumbers, weightDecay, weightDecayMask } = chosen
  check('normuon', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['normuon', learningRate, { ...options }],
    partition(
      {
        muon: chain(
          scaleByMuon(momentumOf(chosen)),
          scaleByMuonRms({ per: 'output', b2, eps: rmsEps, rms, weightDimensionNumbers }),
          addDecayedWeights(weightDecay, { mask: weightDecayMask }),
          scaleByLearningRate(learningRate)
        ),
        adam: adamSide('normuon', learningRate, chosen)
      },
      matricesApart('normuon', weightDimensionNumbers, 'muon')
    )
  )
}
