import { check, oneOf, required, withDefaults } from '@gradchain/core'
import { cyclicSchedule, type Schedule } from '@gradchain/schedules'

/** Options of {@link cyclicLR}. */
export interface CyclicLROptions {
  /** Value at the top of the first triangle, any finite number. */
  readonly maxLr: number
  /** Number of steps from foot to top, a whole number ≥ 1. @defaultValue `2000` */
  readonly stepSizeUp?: number
  /** Number of steps from top to foot, a whole number ≥ 1. @defaultValue `stepSizeUp` */
  readonly stepSizeDown?: number | undefined
  /** How the height changes: not at all, halved at each cycle, or by γ at each step. @defaultValue `'triangular'` */
  readonly mode?: 'triangular' | 'triangular2' | 'exp_range'
  /** Factor γ of the mode `'exp_range'`, in `(0, 1]`. @defaultValue `1` */
  readonly gamma?: number
}

/**
 * PyTorch's `CyclicLR`, the learning rate: `cyclicSchedule`.
 *
 * There it moves the momentum as well, by default from 0.9 down to 0.8 and back, whatever the optimizer was given: that is
 * `cyclicLR(0.9, { maxLr: 0.8, … })` as a schedule of the momentum. The learning rate that the optimizer was given is not used.
 *
 * @param baseLr - the value at the foot of each triangle, any finite number.
 *
 * @example
 * const schedule = pytorch.schedules.cyclicLR(2, { maxLr: 6, stepSizeUp: 4 })
 * schedule(4) // => 6
 * schedule(6) // => 4
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html}
 */
export const cyclicLR = (baseLr: number, options: CyclicLROptions): Schedule => {
  const { maxLr, stepSizeUp, stepSizeDown, mode, gamma } = withDefaults<Required<CyclicLROptions>>(
    'pytorch.schedules.cyclicLR',
    options,
    { maxLr: required, stepSizeUp: 2000, stepSizeDown: undefined, mode: 'triangular', gamma: 1 }
  )
  check('pytorch.schedules.cyclicLR', { mode }, oneOf('triangular', 'triangular2', 'exp_range'))
  const cycle = { baseValue: baseLr, maxValue: maxLr, stepSizeUp, stepSizeDown }
  return Object.assign(
    mode === 'exp_range' ? cyclicSchedule({ ...cycle, mode: 'expRange', gamma }) : cyclicSchedule({ ...cycle, mode }),
    { origin: ['pytorch.schedules.cyclicLR', baseLr, { ...options }] }
  )
}
