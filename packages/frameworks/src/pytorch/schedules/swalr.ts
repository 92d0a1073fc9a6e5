import { check, finite, required, withDefaults } from '@gradchain/core'
import { cosineDecaySchedule, linearSchedule, mapSchedule, type Schedule } from '@gradchain/schedules'
import { type AnnealStrategy, annealing } from '../internal/annealing.js'

/** Options of {@link swalr}. */
export interface SwalrOptions {
  /** The value to end at, any finite number. */
  readonly swaLr: number
  /** Number of steps from one to the other, a whole number ≥ 1. @defaultValue `10` */
  readonly annealEpochs?: number
  /** Half a period of the cosine, or a straight line. @defaultValue `'cos'` */
  readonly annealStrategy?: AnnealStrategy
}

/**
 * PyTorch's `swa_utils.SWALR`: from the learning rate to that of weight averaging, and there it stays.
 *
 * PyTorch begins at the rate that the optimizer has when it takes over, not at the one that it began with: here that is the
 * argument, and `joinSchedules([before, swalr(before(n), …)], [n])` is a run that changes over at step n.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * const schedule = pytorch.schedules.swalr(8, { swaLr: 2 })
 * schedule(5) // => 5
 * schedule(10) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/optim.html#stochastic-weight-averaging}
 */
export const swalr = (learningRate: number, options: SwalrOptions): Schedule => {
  const { swaLr, annealEpochs, annealStrategy } = withDefaults<Required<SwalrOptions>>(
    'pytorch.schedules.swalr',
    options,
    { swaLr: required, annealEpochs: 10, annealStrategy: 'cos' }
  )
  check('pytorch.schedules.swalr', { learningRate, swaLr }, finite)
  const { annealDown } = annealing('pytorch.schedules.swalr', annealStrategy)
  if (annealDown === 'linear') {
    return Object.assign(linearSchedule({ initValue: learningRate, endValue: swaLr, transitionSteps: annealEpochs }), {
      origin: ['pytorch.schedules.swalr', learningRate, { ...options }]
    })
  }
  const left = cosineDecaySchedule({ initValue: 1, decaySteps: annealEpochs })
  return Object.assign(
    mapSchedule(left, (share) => swaLr + (learningRate - swaLr) * share),
    { origin: ['pytorch.schedules.swalr', learningRate, { ...options }] }
  )
}
