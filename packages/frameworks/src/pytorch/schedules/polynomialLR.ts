import { withDefaults } from '@gradchain/core'
import { polynomialSchedule, type Schedule } from '@gradchain/schedules'

/** Options of {@link polynomialLR}. */
export interface PolynomialLROptions {
  /** Number of steps until 0, a whole number ≥ 0. @defaultValue `5` */
  readonly totalIters?: number
  /** Power of the share that is left, finite and > 0. @defaultValue `1` */
  readonly power?: number
}

/**
 * PyTorch's `PolynomialLR`: `polynomialSchedule` to 0.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * pytorch.schedules.polynomialLR(8, { totalIters: 4, power: 2 })(2) // => 2
 *
 * @throws InvalidOption at construction, when an option is unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html}
 */
export const polynomialLR = (learningRate: number, options: PolynomialLROptions = {}): Schedule => {
  const { totalIters, power } = withDefaults<Required<PolynomialLROptions>>('pytorch.schedules.polynomialLR', options, {
    totalIters: 5,
    power: 1
  })
  return Object.assign(
    polynomialSchedule({ initValue: learningRate, endValue: 0, power, transitionSteps: totalIters }),
    { origin: ['pytorch.schedules.polynomialLR', learningRate, { ...options }] }
  )
}
