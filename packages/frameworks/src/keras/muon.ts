import {
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  identity,
  type Leaf,
  nonNegative,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type Quintic, type ScaleByMuonState, scaleByMuon, scaleByShape } from '@gradchain/matrix'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type PartitionState,
  partition,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'
import { axesOf } from '../internal/axesOf.js'
import { around, type CommonOptions, NONE, type State, someExpressions } from './internal/form.js'

/** State of the part of {@link muon} that one kind of params has. */
type Part<Scaling> = readonly [Scaling, AddDecayedWeightsState, ScaleByScheduleState]

/** Options of {@link muon}. */
export interface MuonOptions extends Omit<CommonOptions, 'weightDecay'> {
  /** Decay rate of the first moment of Adam, in `[0, 1)`. @defaultValue `0.9` */
  readonly adamBeta1?: number
  /** Decay rate of the second moment of Adam, in `[0, 1)`. @defaultValue `0.999` */
  readonly adamBeta2?: number
  /** Share of the params of Adam that is taken off before each step, times the learning rate; finite and ≥ 0. @defaultValue `0.004` */
  readonly adamWeightDecay?: number
  /** Added to the root of the second moment of Adam before its correction, finite and ≥ 0. @defaultValue `1e-7` */
  readonly epsilon?: number
  /** Share of the matrices that is taken off before each step, times the learning rate; finite and ≥ 0. @defaultValue `0.004` */
  readonly weightDecay?: number
  /** Regular expressions: matrices whose path one of them finds go to Adam. @defaultValue `[]` */
  readonly excludeLayers?: readonly string[]
  /** Whether matrices with "embedding" in their path go to Adam. @defaultValue `true` */
  readonly excludeEmbeddings?: boolean
  /** The coefficients a, b, c of the iteration, in Keras three options. @defaultValue `[3.4445, -4.775, 2.0315]` */
  readonly coefficients?: Quintic
  /** Factor between the learning rate of Adam and that of the matrices, finite and ≥ 0. @defaultValue `1` */
  readonly adamLrRatio?: number
  /** Decay rate β of the momentum, in `[0, 1)`. @defaultValue `0.95` */
  readonly momentum?: number
  /** How many times the iteration is applied, a whole number ≥ 1. @defaultValue `5` */
  readonly nsSteps?: number
  /** Whether the momentum looks one step ahead. @defaultValue `true` */
  readonly nesterov?: boolean
  /** The root mean square r of an update, r √max(rows, columns); `null` leaves the factor out. @defaultValue `0.2` */
  readonly rmsRate?: number | null
}

/** State of {@link muon}. */
export type MuonState = State<
  PartitionState<{
    readonly muon: GradientTransformation<Part<readonly [ScaleByMuonState, EmptyState]>>
    readonly adam: GradientTransformation<Part<ScaleByAdamState>>
  }>
>

/**
 * Keras's `Muon`: matrices by Muon, all else by Adam.
 *
 *     partition({
 *       muon: chain(scaleByMuon({ beta: momentum, nesterov, debias: false, … }), scaleByShape({ consistentRms: rmsRate }), …),
 *       adam: keras.adamw(adamLrRatio * learningRate, { weightDecay: adamWeightDecay, epsilon })
 *     }, …)
 *
 * Only what has two axes is a matrix, and nothing that has "embedding" in its path. The factor 0.2 √max(rows, columns) lets Muon have the
 * learning rate of Adam, and the default is Adam's, 1e-3; PyTorch's factor is another. Keras's documentation speaks of a tenth of the learning rate
 * for Adam: it is all of it.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = keras.muon(0.1, { weightDecay: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), bias: 0 }
 * const grads = { w: ndarray(new Float64Array([1, 0, 0, 1]), [2, 2]), bias: 3 }
 * const [next] = step(tx, grads, tx.init(params), params)
 * next.w.data // => Float64Array [-0.03…, 0, 0, -0.03…]
 * next.bias // => -0.09…
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for more than one way to clip; one of a part in the
 * name of the part.
 * @see {@link https://keras.io/api/optimizers/muon/}
 */
export const muon = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: MuonOptions = {}
): GradientTransformation<MuonState> => {
  const owner = 'keras.muon'
  const { weightDecay: _, ...none } = NONE
  const chosen = withDefaults<Required<MuonOptions>>(owner, options, {
    adamBeta1: 0.9,
    adamBeta2: 0.999,
    adamWeightDecay: 0.004,
    epsilon: 1e-7,
    weightDecay: 0.004,
    excludeLayers: [],
    excludeEmbeddings: true,
    coefficients: [3.4445, -4.775, 2.0315],
    adamLrRatio: 1,
    momentum: 0.95,
    nsSteps: 5,
    nesterov: true,
    rmsRate: 0.2,
    ...none
  })
  const { adamBeta1, adamBeta2, adamWeightDecay, epsilon, weightDecay, excludeLayers, excludeEmbeddings } = chosen
  const { coefficients, adamLrRatio, momentum, nsSteps, nesterov, rmsRate, excludeFromWeightDecay } = chosen
  check(owner, { weightDecay, adamWeightDecay, adamLrRatio }, nonNegative)
  check(owner, { excludeLayers, excludeFromWeightDecay }, someExpressions)
  const excluded = [...excludeLayers.map((text) => new RegExp(text)), ...(excludeEmbeddings ? [/embedding/i] : [])]
  const undecayed = excludeFromWeightDecay.map((text) => new RegExp(text))
  const mask = (params: Tree) => tree.mapWithPath((path) => !undecayed.some((pattern) => pattern.test(path)), params)
  // Keras's momentum is a sum, that of `scaleByMuon` a mean: what is added to its norm is smaller by as much.
  const eps = 1e-7 * (1 - momentum)

  const rulesAt = (rate: ScalarOrSchedule) => ({
    muon: chain(
      chain(
        scaleByMuon({ beta: momentum, nesterov, debias: false, steps: nsSteps, coefficients, eps }),
        rmsRate === null ? identity() : scaleByShape({ consistentRms: rmsRate })
      ),
      addDecayedWeights(weightDecay, { mask }),
      scaleByLearningRate(rate)
    ),
    adam: chain(
      scaleByAdam({ b1: adamBeta1, b2: adamBeta2, eps: epsilon, epsPlacement: 'hat' }),
      addDecayedWeights(adamLrRatio === 0 ? 0 : adamWeightDecay / adamLrRatio, { mask }),
      scaleByLearningRate(typeof rate === 'number' ? adamLrRatio * rate : (step) => adamLrRatio * rate(step))
    )
  })
  const labels = (params: Tree<Leaf>) =>
    tree.mapWithPath((path, leaf) => {
      const isMatrix = axesOf(leaf) === 2 && !excluded.some((pattern) => pattern.test(path))
      return isMatrix ? 'muon' : 'adam'
    }, params)
  return withOrigin(
    ['keras.muon', learningRate, { ...options }],
    around(owner, learningRate, { ...chosen, weightDecay: undefined }, (rate) => partition(rulesAt(rate), labels))
  )
}
