import { check, finite, withDefaults } from '@gradchain/core'
import { linearSchedule, type Schedule } from '@gradchain/schedules'

/** Options of {@link linearLR}. */
export interface LinearLROptions {
  /** Share of the learning rate at step 0, a finite number. @defaultValue `1 / 3` */
  readonly startFactor?: number
  /** Share of the learning rate at the end, a finite number. @defaultValue `1` */
  readonly endFactor?: number
  /** Number of steps from one to the other, a whole number ≥ 0. @defaultValue `5` */
  readonly totalIters?: number
}

/**
 * PyTorch's `LinearLR`: a straight line between two shares of the learning rate, `linearSchedule`.
 *
 * By default it is a warmup that begins at a third, not at 0: PyTorch does not take 0 for a start.
 *
 * @param learningRate - what the shares are of, any finite number.
 *
 * @example
 * pytorch.schedules.linearLR(8, { startFactor: 0.5, totalIters: 4 })(2) // => 6
 *
 * @throws InvalidOption at construction, when an option is unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html}
 */
export const linearLR = (learningRate: number, options: LinearLROptions = {}): Schedule => {
  const { startFactor, endFactor, totalIters } = withDefaults<Required<LinearLROptions>>(
    'pytorch.schedules.linearLR',
    options,
    { startFactor: 1 / 3, endFactor: 1, totalIters: 5 }
  )
  check('pytorch.schedules.linearLR', { learningRate, startFactor, endFactor }, finite)
  return Object.assign(
    linearSchedule({
      initValue: startFactor * learningRate,
      endValue: endFactor * learningRate,
      transitionSteps: totalIters
    }),
    { origin: ['pytorch.schedules.linearLR', learningRate, { ...options }] }
  )
}
