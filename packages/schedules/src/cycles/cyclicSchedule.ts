import { check, finite, inPositiveUnitInterval, oneOf, positiveInteger, required, withDefaults } from '@gradchain/core'
import { integerPower, pow } from '@gradchain/core/numbers'
import { guarded } from '../internal/guarded.js'
import { leftOut } from '../internal/leftOut.js'
import type { Schedule } from '../types.js'

/** How the height of the triangles of {@link cyclicSchedule} changes. */
export type CyclicMode = 'triangular' | 'triangular2' | 'expRange'

/** Options of {@link cyclicSchedule}. */
export interface CyclicScheduleOptions {
  /** Value B at the foot of each triangle, any finite number. */
  readonly baseValue: number
  /** Value M at the top of the first triangle, any finite number. */
  readonly maxValue: number
  /** Number u of steps from foot to top, a whole number ≥ 1. @defaultValue `2000` */
  readonly stepSizeUp?: number
  /** Number d of steps from top to foot, a whole number ≥ 1. @defaultValue `stepSizeUp` */
  readonly stepSizeDown?: number | undefined
  /** How the height changes: not at all, halved at each cycle, or by γ at each step. @defaultValue `'triangular'` */
  readonly mode?: CyclicMode
  /** Factor γ of the mode `'expRange'`, in `(0, 1]`; with no other mode. @defaultValue `1` */
  readonly gamma?: number | undefined
}

/**
 * Goes up and down between two values along straight lines, again and again: PyTorch's `CyclicLR`.
 *
 * With k = ⌊t / (u + d)⌋, the cycle from 0, and q = t − k · (u + d), the step in it:
 *
 *     f(t) = B + (M − B) · h(t) · c(t)
 *
 *     c(t) = q / u                           q ≤ u
 *     c(t) = (u + d − q) / d                 q > u
 *
 *     mode             h(t)
 *     'triangular'     1
 *     'triangular2'    2^(−k)
 *     'expRange'       γᵗ
 *
 * γ is raised to the step since the beginning, as in the paper and in PyTorch, and not to the step in the cycle, with
 * which the height would never fall. For the momentum, which is to go down where the learning rate goes up, exchange the
 * two: PyTorch's `cycle_momentum` is this schedule with `baseValue` the largest momentum and `maxValue` the smallest.
 *
 * Laws: B at every multiple of u + d, between B and M, continuous but for the lower slope of the next cycle; of period
 * u + d in the mode 'triangular'; 'expRange' with γ = 1 is 'triangular'.
 *
 * @example
 * const schedule = cyclicSchedule({ baseValue: 1, maxValue: 9, stepSizeUp: 4, stepSizeDown: 8, mode: 'triangular2' })
 * schedule(4) // => 9
 * schedule(8) // => 5
 * schedule(12) // => 1
 * schedule(16) // => 5
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range, or `gamma` is given to
 * another mode; at a step that is not a finite number ≥ 0.
 * @see Smith (2015), Cyclical Learning Rates for Training Neural Networks, {@link https://arxiv.org/abs/1506.01186}
 */
export const cyclicSchedule = (options: CyclicScheduleOptions): Schedule => {
  const { baseValue, maxValue, stepSizeUp, stepSizeDown, mode, gamma } = withDefaults<Required<CyclicScheduleOptions>>(
    'cyclicSchedule',
    options,
    {
      baseValue: required,
      maxValue: required,
      stepSizeUp: 2000,
      stepSizeDown: undefined,
      mode: 'triangular',
      gamma: undefined
    }
  )
  const down = stepSizeDown ?? stepSizeUp
  check('cyclicSchedule', { baseValue, maxValue }, finite)
  check('cyclicSchedule', { stepSizeUp, stepSizeDown: down }, positiveInteger)
  check('cyclicSchedule', { mode }, oneOf(...Object.keys(heights)))
  if (mode !== 'expRange') check('cyclicSchedule', { gamma }, leftOut("where the mode is not 'expRange'"))
  check('cyclicSchedule', { gamma: gamma ?? 1 }, inPositiveUnitInterval)

  const period = stepSizeUp + down
  const height = heights[mode](gamma ?? 1)
  return guarded(['cyclicSchedule', { ...options }], (step) => {
    const within = step % period
    const share = within <= stepSizeUp ? within / stepSizeUp : (period - within) / down
    return baseValue + (maxValue - baseValue) * share * height(step, Math.round((step - within) / period))
  })
}

/** The height at a step of a cycle, the cycles counted from 0. */
const heights: Readonly<Record<CyclicMode, (gamma: number) => (step: number, cycle: number) => number>> = {
  triangular: () => () => 1,
  triangular2: () => (_, cycle) => integerPower(0.5, cycle),
  expRange: (gamma) => (step) => pow(gamma, step)
}
