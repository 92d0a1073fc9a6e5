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

/** Options of {@link adamuon}: those of `scaleByMuon`, of `scaleByMuonRms`, weight decay, and Adam's for the other leaves. */
export interface AdamuonOptions<P = Tree<Leaf>, M = never> extends ScaleByMuonOptions, AdamSideOptions {
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

/** State of {@link adamuon}. */
export type AdamuonState = PartitionState<{
  readonly muon: GradientTransformation<
    readonly [ScaleByMuonState, ScaleByMuonRmsState, AddDecayedWeightsState, ScaleByScheduleState]
  >
  readonly adam: GradientTransformation<AdamSideState>
}>

/**
 * AdaMuon for the matrices, AdamW for all other leaves: Muon with a second moment for each element.
 *
 *     partition({
 *       muon: chain(
 *         scaleByMuon(…),
 *         scaleByMuonRms({ per: 'element', b2, eps: rmsEps, rms }),
 *         addDecayedWeights(weightDecay, { mask: weightDecayMask }),
 *         scaleByLearningRate(learningRate)
 *       ),
 *       adam: the AdamW of muon
 *     }, leaf is a matrix ? 'muon' : 'adam')
 *
 * The default momentum is that of timm, whose `Muon(algo='adamuon')` is `{ coefficients: 'dion', eps: 0, rmsEps: 1e-7, adamB2: 0.95 }` for its
 * matrices `[out, in]`, with `weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 }`, but for the kernels of convolutions: their
 * root mean square comes out too small in timm by the root of the number of channels. The paper makes the signs of the momentum orthogonal: `ofSigns: true`.
 *
 * Laws: on matrices alone it is its first chain, on other leaves alone its second; the first update of a matrix is α rms times signs.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = adamuon(0.1)
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: new Float64Array(1) }
 * const grads = { w: ndarray(new Float64Array([3, 1, 1, 2]), [2, 2]), b: new Float64Array([1]) }
 * const [u] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [-0.0200…, 0.0199…, 0.0199…, -0.0200…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see Si et al. (2025), AdaMuon: Adaptive Muon Optimizer, {@link https://arxiv.org/abs/2507.11005}
 */
export const adamuon = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule,
  options: AdamuonOptions<P, M> = {}
): GradientTransformation<AdamuonState> => {
  const chosen = withDefaults<Required<AdamuonOptions<P, M>>>('adamuon', options, {
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
  check('adamuon', { weightDecay }, orSchedule(nonNegative))

  return withOrigin(
    ['adamuon', learningRate, { ...options }],
    partition(
      {
        muon: chain(
          scaleByMuon(momentumOf(chosen)),
          scaleByMuonRms({ per: 'element', b2, eps: rmsEps, rms, weightDimensionNumbers }),
          addDecayedWeights(weightDecay, { mask: weightDecayMask }),
          scaleByLearningRate(learningRate)
        ),
        adam: adamSide('adamuon', learningRate, chosen)
      },
      matricesApart('adamuon', weightDimensionNumbers, 'muon')
    )
  )
}
