import { required, withDefaults } from '@gradchain/core'
import { oneCycleSchedule, type Schedule } from '@gradchain/schedules'
import { type AnnealStrategy, annealing } from '../internal/annealing.js'

/** Options of {@link oneCycleLR}. */
export interface OneCycleLROptions {
  /** Number of steps of the whole, a whole number ≥ 1. */
  readonly totalSteps: number
  /** Share of the steps in which the learning rate rises, in `[0, 1]`. @defaultValue `0.3` */
  readonly pctStart?: number
  /** Half a period of the cosine, or a straight line. @defaultValue `'cos'` */
  readonly annealStrategy?: AnnealStrategy
  /** What divides the peak to give the first value, finite and > 0. @defaultValue `25` */
  readonly divFactor?: number
  /** What divides the first value to give the last, finite and > 0. @defaultValue `1e4` */
  readonly finalDivFactor?: number
  /** Whether to go back to the first value before the last phase. @defaultValue `false` */
  readonly threePhase?: boolean
}

/**
 * PyTorch's `OneCycleLR`, the learning rate: `oneCycleSchedule`.
 *
 * There it moves the momentum as well, and β₁ of Adam, by default from 0.95 down to 0.85 and back, whatever the optimizer was given, and
 * even switches momentum on: {@link oneCycleMomentum} is that, for `injectHyperparams`. `totalSteps` counts steps, not epochs; after the
 * last one PyTorch fails, this stays at the end.
 *
 * @param maxLr - the largest value, any finite number.
 *
 * @example
 * const schedule = pytorch.schedules.oneCycleLR(1, { totalSteps: 11, divFactor: 4 })
 * schedule(0) // => 0.25
 * schedule(2.3).toFixed(6) // => '1.000000'
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html}
 */
export const oneCycleLR = (maxLr: number, options: OneCycleLROptions): Schedule => {
  const { annealStrategy, ...rest } = withDefaults<Required<OneCycleLROptions>>(
    'pytorch.schedules.oneCycleLR',
    options,
    {
      totalSteps: required,
      pctStart: 0.3,
      annealStrategy: 'cos',
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false
    }
  )
  return Object.assign(
    oneCycleSchedule({
      peakValue: maxLr,
      ...rest,
      ...annealing('pytorch.schedules.oneCycleLR', annealStrategy)
    }),
    { origin: ['pytorch.schedules.oneCycleLR', maxLr, { ...options }] }
  )
}
