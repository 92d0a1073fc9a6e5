import { required, withDefaults } from '@gradchain/core'
import { oneCycleMomentum as momentum, type Schedule } from '@gradchain/schedules'
import { type AnnealStrategy, annealing } from '../internal/annealing.js'

/** Options of {@link oneCycleMomentum}. */
export interface OneCycleMomentumOptions {
  /** Number of steps of the whole, a whole number ≥ 1. */
  readonly totalSteps: number
  /** Share of the steps in which the learning rate rises, in `[0, 1]`. @defaultValue `0.3` */
  readonly pctStart?: number
  /** Half a period of the cosine, or a straight line. @defaultValue `'cos'` */
  readonly annealStrategy?: AnnealStrategy
  /** Momentum at the peak of the learning rate, in `[0, 1)`. @defaultValue `0.85` */
  readonly baseMomentum?: number
  /** Momentum at the beginning and at the end, in `[0, 1)`. @defaultValue `0.95` */
  readonly maxMomentum?: number
  /** Whether the learning rate has a third phase. @defaultValue `false` */
  readonly threePhase?: boolean
}

/**
 * What PyTorch's `OneCycleLR` does to the momentum of SGD and to β₁ of Adam, unless it is told `cycle_momentum=False`.
 *
 * @example
 * const total = { totalSteps: 100 }
 * const tx = injectHyperparams(({ learningRate, momentum }) => sgd(learningRate, { momentum }), {
 *   learningRate: pytorch.schedules.oneCycleLR(0.1, total),
 *   momentum: pytorch.schedules.oneCycleMomentum(total)
 * })
 * tx.init({ w: 0 }).hyperparams.momentum // => 0.95
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see oneCycleLR
 */
export const oneCycleMomentum = (options: OneCycleMomentumOptions): Schedule => {
  const { annealStrategy, ...rest } = withDefaults<Required<OneCycleMomentumOptions>>(
    'pytorch.schedules.oneCycleMomentum',
    options,
    {
      totalSteps: required,
      pctStart: 0.3,
      annealStrategy: 'cos',
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      threePhase: false
    }
  )
  return Object.assign(momentum({ ...rest, ...annealing('pytorch.schedules.oneCycleMomentum', annealStrategy) }), {
    origin: ['pytorch.schedules.oneCycleMomentum', { ...options }]
  })
}
