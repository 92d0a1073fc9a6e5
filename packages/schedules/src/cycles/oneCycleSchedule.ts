import { check, finite, positive, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { oneCycle } from '../internal/oneCycle.js'
import type { InterpolateType, OneCycleStyle, Schedule } from '../types.js'

/** Options of {@link oneCycleSchedule}. */
export interface OneCycleScheduleOptions {
  /** The largest value P, any finite number. */
  readonly peakValue: number
  /** Number T of steps of the whole, a whole number ≥ 1. */
  readonly totalSteps: number
  /** Whose cycle it is. @defaultValue `'torch'` */
  readonly style?: OneCycleStyle
  /**
   * Share a of the steps in which the value rises, in `[0, 1]`, with three phases in `[0, 0.5]`.
   *
   * @defaultValue `0.3` in the style `'torch'`, `0.25` in `'fastai'`
   */
  readonly pctStart?: number | undefined
  /** The way up: a straight line or half a period of the cosine. @defaultValue `'cosine'` */
  readonly annealUp?: InterpolateType
  /** The way down, in all phases that go down. @defaultValue `'cosine'` */
  readonly annealDown?: InterpolateType
  /** What divides the peak to give the first value, finite and > 0. @defaultValue `25` */
  readonly divFactor?: number
  /**
   * What divides, to give the last value: the first value in the style `'torch'`, the peak in `'fastai'`; finite and > 0.
   *
   * @defaultValue `1e4` in the style `'torch'`, `1e5` in `'fastai'`
   */
  readonly finalDivFactor?: number | undefined
  /** Whether to go back to the first value, as quickly as up, before the last phase; only 'torch'. @defaultValue `false` */
  readonly threePhase?: boolean | undefined
}

/**
 * Rises to a peak and falls below where it began: the one cycle of PyTorch and of fastai, each to the letter.
 *
 * With the first value F = P / divFactor, the value moves
 *
 *     style                  from    to                          in the steps
 *     'torch'                F       P                           0 … a·T − 1
 *                            P       F / finalDivFactor          a·T − 1 … T − 1
 *     'torch', threePhase    F       P                           0 … a·T − 1
 *                            P       F                           a·T − 1 … 2·a·T − 2
 *                            F       F / finalDivFactor          2·a·T − 2 … T − 1
 *     'fastai'               F       P                           0 … a·T
 *                            P       P / finalDivFactor          a·T … T
 *
 * and is held from the last of these on. The ends of phases need not be whole steps. PyTorch counts T values of which the
 * last is the smallest; fastai has T steps, and reaches its end after them. A phase that ends before step 0 is skipped,
 * and the next one has then begun at that end, as in PyTorch.
 *
 * Laws: rising, then falling, for a positive peak and factors ≥ 1; linear in the peak; in the style 'fastai' with a·T
 * whole the {@link cosineOnecycleSchedule} with finalDivFactor / divFactor.
 *
 * Unlike PyTorch: past the end the value is held, where `OneCycleLR` first turns back and then refuses; with `pctStart` 1
 * it falls to its last value at T − 1 at once; more than half of the steps are refused for each of the first two of three
 * phases, because the third would be lost.
 *
 * @example
 * const schedule = oneCycleSchedule({ peakValue: 8, totalSteps: 101, pctStart: 0.5, divFactor: 4, finalDivFactor: 2 })
 * schedule(0) // => 2
 * schedule(49.5) // => 8
 * schedule(100) // => 1
 * const fastai = oneCycleSchedule({ style: 'fastai', peakValue: 8, totalSteps: 100, finalDivFactor: 8 })
 * fastai(25) // => 8
 * fastai(62.5) // => 4.5
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Smith and Topin (2017), Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates,
 * {@link https://arxiv.org/abs/1708.07120}; oneCycleMomentum, its twin; cosineOnecycleSchedule and linearOnecycleSchedule, those
 * of Optax.
 */
export const oneCycleSchedule = (options: OneCycleScheduleOptions): Schedule => {
  const { peakValue, divFactor, finalDivFactor, ...shape } = withDefaults<Required<OneCycleScheduleOptions>>(
    'oneCycleSchedule',
    options,
    {
      peakValue: required,
      totalSteps: required,
      style: 'torch',
      pctStart: undefined,
      annealUp: 'cosine',
      annealDown: 'cosine',
      divFactor: 25,
      finalDivFactor: undefined,
      threePhase: undefined
    }
  )
  const isTorch = shape.style === 'torch'
  const divisor = finalDivFactor ?? (isTorch ? 1e4 : 1e5)
  check('oneCycleSchedule', { peakValue }, finite)
  check('oneCycleSchedule', { divFactor, finalDivFactor: divisor }, positive)

  const first = peakValue / divFactor
  const last = (isTorch ? first : peakValue) / divisor
  const curve = oneCycle('oneCycleSchedule', shape, { first, middle: peakValue, again: first, last })
  return guarded(['oneCycleSchedule', { ...options }], curve)
}
