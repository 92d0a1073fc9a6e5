import {
  chain,
  check,
  type DType,
  type GradientTransformation,
  type Leaf,
  nonNegative,
  orSchedule,
  shapeOf,
  type Tree
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate
} from '@gradchain/transforms'
import type { WeightDimensionNumbers } from './dimensionNumbers.js'
import { viewAt } from './views.js'

/** Options of the Adam that the leaves get that are no matrices. */
export interface AdamSideOptions {
  /** Decay rate of the first moment of Adam, in `[0, 1)`. @defaultValue `0.9` */
  readonly adamB1?: number
  /** Decay rate of the second moment of Adam, in `[0, 1)`. @defaultValue `0.999` */
  readonly adamB2?: number
  /** Added outside the square root of Adam, ≥ 0. @defaultValue the `eps` of the matrices */
  readonly adamEps?: number | undefined
  /** Added inside the square root of Adam, ≥ 0. @defaultValue `0` */
  readonly adamEpsRoot?: number
  /** Whether Adam looks one step ahead. @defaultValue as for the matrices */
  readonly adamNesterov?: boolean | undefined
  /** Weight decay of the leaves that are no matrices, finite and ≥ 0, or a schedule. @defaultValue `0` */
  readonly adamWeightDecay?: ScalarOrSchedule
  /** Learning rate of the leaves that are no matrices. @defaultValue that of the matrices */
  readonly adamLearningRate?: ScalarOrSchedule | undefined
}

/** The defaults of the Adam that the leaves get that are no matrices. */
export const ADAM_SIDE: Required<AdamSideOptions> = {
  adamB1: 0.9,
  adamB2: 0.999,
  adamEps: undefined,
  adamEpsRoot: 0,
  adamNesterov: undefined,
  adamWeightDecay: 0,
  adamLearningRate: undefined
}

/** What both sides share, where nothing else is said. */
export interface SharedWithMatrices {
  readonly eps: number
  readonly nesterov: boolean
  readonly muDtype: DType | undefined
}

/** The state of {@link adamSide}. */
export type AdamSideState = readonly [ScaleByAdamState, AddDecayedWeightsState, ScaleByScheduleState]

/** AdamW, for the leaves that are no matrices. */
export const adamSide = (
  owner: string,
  learningRate: ScalarOrSchedule,
  options: Required<AdamSideOptions> & SharedWithMatrices
): GradientTransformation<AdamSideState> => {
  const { adamB1, adamB2, adamEps, adamEpsRoot, adamNesterov, adamWeightDecay, adamLearningRate } = options
  const { eps, nesterov, muDtype } = options
  check(owner, { adamWeightDecay }, orSchedule(nonNegative))
  return chain(
    scaleByAdam({
      b1: adamB1,
      b2: adamB2,
      eps: adamEps ?? eps,
      epsRoot: adamEpsRoot,
      nesterov: adamNesterov ?? nesterov,
      muDtype
    }),
    addDecayedWeights(adamWeightDecay),
    scaleByLearningRate(adamLearningRate ?? learningRate)
  )
}

/** Labels for a partition: `label` for a matrix, `'adam'` for every other leaf. */
export const matricesApart =
  <L extends string>(owner: string, given: WeightDimensionNumbers | undefined, label: L) =>
  (params: Tree<Leaf>) =>
    tree.mapWithPath((path, leaf) => (viewAt(owner, given, path, shapeOf(leaf)) === null ? 'adam' : label), params)
