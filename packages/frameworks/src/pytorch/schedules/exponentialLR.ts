import { required, withDefaults } from '@gradchain/core'
import { exponentialDecay, type Schedule } from '@gradchain/schedules'

/** Options of {@link exponentialLR}. */
export interface ExponentialLROptions {
  /** Factor at each step, finite and > 0. */
  readonly gamma: number
}

/**
 * PyTorch's `ExponentialLR`: `exponentialDecay` with one step for each factor.
 *
 * @param learningRate - the first value, any finite number.
 *
 * @example
 * pytorch.schedules.exponentialLR(8, { gamma: 0.5 })(3) // => 1
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html}
 */
export const exponentialLR = (learningRate: number, options: ExponentialLROptions): Schedule => {
  const { gamma } = withDefaults<ExponentialLROptions>('pytorch.schedules.exponentialLR', options, { gamma: required })
  return Object.assign(exponentialDecay({ initValue: learningRate, transitionSteps: 1, decayRate: gamma }), {
    origin: ['pytorch.schedules.exponentialLR', learningRate, { ...options }]
  })
}
