import { check, finite, inClosedUnitInterval, withDefaults } from '@gradchain/core'
import { constantSchedule, joinSchedules, type Schedule } from '@gradchain/schedules'

/** Options of {@link constantLR}. */
export interface ConstantLROptions {
  /** Share of the learning rate at the beginning, in `[0, 1]`. @defaultValue `1 / 3` */
  readonly factor?: number
  /** Number of steps for which it is no more, a whole number ≥ 0. @defaultValue `5` */
  readonly totalIters?: number
}

/**
 * PyTorch's `ConstantLR`: a share of the learning rate for some steps, then all of it.
 *
 * It is not constant: by default the first five values are a third of the learning rate.
 *
 * @param learningRate - the value after these steps, any finite number.
 *
 * @example
 * const schedule = pytorch.schedules.constantLR(8, { factor: 0.5 })
 * schedule(4) // => 4
 * schedule(5) // => 8
 *
 * @throws InvalidOption at construction, when an option is unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html}
 */
export const constantLR = (learningRate: number, options: ConstantLROptions = {}): Schedule => {
  const { factor, totalIters } = withDefaults<Required<ConstantLROptions>>('pytorch.schedules.constantLR', options, {
    factor: 1 / 3,
    totalIters: 5
  })
  check('pytorch.schedules.constantLR', { learningRate }, finite)
  check('pytorch.schedules.constantLR', { factor }, inClosedUnitInterval)
  return Object.assign(
    joinSchedules([constantSchedule(factor * learningRate), constantSchedule(learningRate)], [totalIters]),
    { origin: ['pytorch.schedules.constantLR', learningRate, { ...options }] }
  )
}
