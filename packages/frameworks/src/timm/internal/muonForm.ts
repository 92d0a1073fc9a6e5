import {
  callable,
  chain,
  check,
  type GradientTransformation,
  inUnitInterval,
  type Leaf,
  nonNegative,
  oneOf,
  optional,
  shapeOf,
  type Tree
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type Coefficients, type Quintic, type ScaleByMuonState, scaleByMuon } from '@gradchain/matrix'
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
import { type Betas, namedBetas } from '../../internal/adamOrAmsgrad.js'
import { rateOf } from '../../internal/rateOf.js'
import { scaleByNesterovAdam } from './scaleByNesterovAdam.js'

/** What `muon` and `adamuon` can both be told. */
export interface MuonFormOptions {
  /** Share λ of all params that is taken off at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Decay rate β of the momentum, in `[0, 1)`. @defaultValue `0.95` */
  readonly momentum?: number
  /** Whether the momentum looks one step ahead, and what is no matrix has {@link nadamw} for AdamW. @defaultValue `false` */
  readonly nesterov?: boolean
  /** How many times the iteration is applied, a whole number ≥ 1. @defaultValue `5` */
  readonly nsSteps?: number
  /** The coefficients a, b, c of the iteration: one triple, one for each step, or timm's name of such a list. @defaultValue `'quintic'` */
  readonly nsCoefficients?: keyof typeof LISTS | Quintic | readonly Quintic[]
  /** Added to the root of AdamW, finite and > 0. @defaultValue `1e-7` */
  readonly eps?: number
  /** Factor between the learning rate of AdamW and that of matrices, finite and ≥ 0. @defaultValue `1` */
  readonly fallbackLrScale?: number
  /** Decay rates β₁ and β₂ of the moments of AdamW, each in `[0, 1)`. @defaultValue `[0.9, 0.95]` */
  readonly betas?: Betas
  /** Which leaves are matrices, by path and shape. @defaultValue those whose axes timm finds long enough */
  readonly useMuon?: ((path: string, shape: readonly number[]) => boolean) | undefined
}

/** The defaults of these options. */
export const MUON: Required<MuonFormOptions> = {
  weightDecay: 0,
  momentum: 0.95,
  nesterov: false,
  nsSteps: 5,
  nsCoefficients: 'quintic',
  eps: 1e-7,
  fallbackLrScale: 1,
  betas: [0.9, 0.95],
  useMuon: undefined
}

/** State of what {@link muonForm} makes: of the matrices, and of AdamW. */
export type MuonFormState<Scaling> = PartitionState<{
  readonly muon: GradientTransformation<
    readonly [ScaleByMuonState, Scaling, AddDecayedWeightsState, ScaleByScheduleState]
  >
  readonly adamw: GradientTransformation<readonly [ScaleByAdamState, AddDecayedWeightsState, ScaleByScheduleState]>
}>

/** Muon with some scaling behind it for matrices, AdamW or NAdamW for the rest. */
export const muonForm = <Scaling>(
  owner: string,
  learningRate: ScalarOrSchedule,
  options: Required<MuonFormOptions>,
  scaling: GradientTransformation<Scaling>
): GradientTransformation<MuonFormState<Scaling>> => {
  const { weightDecay, momentum, nesterov, nsSteps, nsCoefficients, eps, fallbackLrScale, betas, useMuon } = options
  check(owner, { weightDecay, fallbackLrScale }, nonNegative)
  check(owner, { momentum }, inUnitInterval)
  check(owner, { useMuon }, optional(callable))
  if (typeof nsCoefficients === 'string') check(owner, { nsCoefficients }, oneOf(...NAMES))
  const rate = rateOf(learningRate)
  const adam = { ...namedBetas(owner, betas), eps }
  const isMatrix = useMuon ?? ((_, shape) => isLongEnough(shape))

  return partition(
    {
      muon: chain(
        scaleByMuon({
          beta: momentum,
          nesterov,
          debias: false,
          steps: nsSteps,
          coefficients: listOf(nsCoefficients),
          eps: LEAST,
          weightDimensionNumbers
        }),
        scaling,
        addDecayedWeights(weightDecay),
        scaleByLearningRate(learningRate)
      ),
      adamw: chain(
        nesterov ? scaleByNesterovAdam(owner, adam) : scaleByAdam(adam),
        addDecayedWeights(weightDecay),
        scaleByLearningRate((step) => fallbackLrScale * rate(step))
      )
    },
    (params: Tree<Leaf>) => tree.mapWithPath((path, leaf) => (isMatrix(path, shapeOf(leaf)) ? 'muon' : 'adamw'), params)
  )
}

/** A weight of PyTorch's layers, `[out, in, …]`, as a matrix: all but the first axis are summed over. */
export const weightDimensionNumbers = (_: string, shape: readonly number[]) => ({
  reductionAxis: shape.map((_, axis) => axis).slice(1),
  outputAxis: 0
})

/** Whether timm takes an array of some shape for a matrix. */
const isLongEnough = (shape: readonly number[]): boolean => {
  const [rows = 1, next = 1] = shape
  if (shape.length < 2 || rows === 1 || next === 1) return false
  const columns = shape.slice(1).reduce((n, length) => n * length, 1)
  const [least, most] = [Math.min(rows, columns), Math.max(rows, columns)]
  return least >= 4 && most <= 128 * least
}

/** timm's names of lists of coefficients. */
const LISTS = {
  original: 'jordan',
  quintic: 'dion',
  polar_express: 'polarExpress',
  polar_express_safer: 'polarExpressSafer'
} as const

const NAMES = ['original', 'quintic', 'polar_express', 'polar_express_safer']

const listOf = (given: Required<MuonFormOptions>['nsCoefficients']): Coefficients =>
  typeof given === 'string' ? LISTS[given] : given

/** Added to the norm, so that zeros stay zeros, in every dtype. */
const LEAST = 1e-30
