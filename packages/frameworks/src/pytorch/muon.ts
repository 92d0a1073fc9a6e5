import {
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  nonNegative,
  oneOf,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type Quintic, type ScaleByMuonState, scaleByMuon, scaleByShape } from '@gradchain/matrix'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByScheduleState,
  scaleByLearningRate
} from '@gradchain/transforms'

/** Options of {@link muon}. */
export interface MuonOptions {
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0. @defaultValue `0.1` */
  readonly weightDecay?: number
  /** Decay rate β of the momentum, in `[0, 1)`. @defaultValue `0.95` */
  readonly momentum?: number
  /** Whether the momentum looks one step ahead. @defaultValue `true` */
  readonly nesterov?: boolean
  /** The coefficients a, b, c of the iteration. @defaultValue `[3.4445, -4.775, 2.0315]` */
  readonly nsCoefficients?: Quintic
  /** How many times the iteration is applied, a whole number ≥ 1. @defaultValue `5` */
  readonly nsSteps?: number
  /** The factor of a shape: √max(1, rows / columns), or 0.2 √max(rows, columns). @defaultValue `'original'` */
  readonly adjustLrFn?: 'original' | 'match_rms_adamw'
}

/** State of {@link muon}. */
export type MuonState = readonly [ScaleByMuonState, EmptyState, AddDecayedWeightsState, ScaleByScheduleState]

/**
 * PyTorch's `torch.optim.Muon`, for matrices alone: what is none is refused, as there, and goes by `partition` to another optimizer.
 *
 *     chain(
 *       scaleByMuon({ beta: momentum, nesterov, debias: false, steps: nsSteps, coefficients: nsCoefficients, eps: 1e-30 }),
 *       scaleByShape({ adjustLr: 'original', weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 } }),
 *       addDecayedWeights(weightDecay),
 *       scaleByLearningRate(learningRate)
 *     )
 *
 * A matrix is taken for `[out, in]`, as PyTorch's layers have it: Optax and its kernels `[in, out]` have the factor of the transpose. The decay
 * of 0.1 is on by default. PyTorch iterates in bfloat16 whatever the dtype, so that its updates are off by some percent; these are
 * iterated in the dtype of the params, and are what PyTorch gives when its cast is taken out. PyTorch's `eps`, a floor of 1e-7 for the norm that
 * the momentum is divided by, is not there: a momentum that is shorter has updates like any other.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = pytorch.muon(0.1, { weightDecay: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([1, 0, 0, 1]), [2, 2]) }
 * step(tx, grads, tx.init(params), params)[0].w.data // => Float64Array [-0.11…, 0, 0, -0.11…]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part; InvalidTree at init
 * for a leaf that is no matrix.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html}
 */
export const muon = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: MuonOptions = {}
): GradientTransformation<MuonState> => {
  const { weightDecay, momentum, nesterov, nsCoefficients, nsSteps, adjustLrFn } = withDefaults<Required<MuonOptions>>(
    'pytorch.muon',
    options,
    {
      weightDecay: 0.1,
      momentum: 0.95,
      nesterov: true,
      nsCoefficients: [3.4445, -4.775, 2.0315],
      nsSteps: 5,
      adjustLrFn: 'original'
    }
  )
  check('pytorch.muon', { weightDecay }, nonNegative)
  check('pytorch.muon', { adjustLrFn }, oneOf('original', 'match_rms_adamw'))
  const weightDimensionNumbers = { reductionAxis: 1, outputAxis: 0 }

  return withOrigin(
    ['pytorch.muon', learningRate, { ...options }],
    chain(
      scaleByMuon({
        beta: momentum,
        nesterov,
        debias: false,
        steps: nsSteps,
        coefficients: nsCoefficients,
        eps: LEAST,
        weightDimensionNumbers
      }),
      scaleByShape({ adjustLr: adjustLrFn === 'original' ? 'original' : 'matchRmsAdamw', weightDimensionNumbers }),
      addDecayedWeights(weightDecay),
      scaleByLearningRate(learningRate)
    )
  )
}

/** Added to the norm, so that zeros stay zeros, in every dtype. */
const LEAST = 1e-30
