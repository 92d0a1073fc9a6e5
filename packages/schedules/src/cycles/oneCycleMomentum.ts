import { check, inUnitInterval, required, withDefaults } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { oneCycle } from '../internal/oneCycle.js'
import type { InterpolateType, OneCycleStyle, Schedule } from '../types.js'

/** Options of {@link oneCycleMomentum}. */
export interface OneCycleMomentumOptions {
  /** Number T of steps of the whole, a whole number ≥ 1. */
  readonly totalSteps: number
  /** Whose cycle it is. @defaultValue `'torch'` */
  readonly style?: OneCycleStyle
  /** Momentum at the peak of the learning rate, in `[0, 1)`. @defaultValue `0.85` */
  readonly baseMomentum?: number
  /** Momentum at the beginning and at the end, in `[0, 1)`. @defaultValue `0.95` */
  readonly maxMomentum?: number
  /**
   * Share a of the steps in which the learning rate rises, in `[0, 1]`, with three phases in `[0, 0.5]`.
   *
   * @defaultValue `0.3` in the style `'torch'`, `0.25` in `'fastai'`
   */
  readonly pctStart?: number | undefined
  /** The way while the learning rate goes up: a straight line or half a period of the cosine. @defaultValue `'cosine'` */
  readonly annealUp?: InterpolateType
  /** The way while the learning rate goes down. @defaultValue `'cosine'` */
  readonly annealDown?: InterpolateType
  /** Whether the learning rate has a third phase, in which the momentum is held; only 'torch'. @defaultValue `false` */
  readonly threePhase?: boolean | undefined
}

/**
 * The momentum that belongs to {@link oneCycleSchedule}: low where the learning rate is high.
 *
 * In the same phases as there, for the same `totalSteps`, `style`, `pctStart` and `threePhase`:
 *
 *     style                  from            to
 *     'torch', 'fastai'      maxMomentum     baseMomentum
 *                            baseMomentum    maxMomentum
 *     'torch', threePhase    maxMomentum     baseMomentum
 *                            baseMomentum    maxMomentum
 *                            maxMomentum     maxMomentum
 *
 * It is for the momentum of SGD or for β₁ of Adam: hand it to an optimizer that takes a schedule there, or to
 * `injectHyperparams`.
 *
 * Laws: between its two values; the momentum and the learning rate of `finalDivFactor` 1 (in the style 'torch') are on the
 * same share of their ways at every step.
 *
 * @example
 * const shape = { totalSteps: 101, pctStart: 0.5 }
 * const learningRate = oneCycleSchedule({ peakValue: 0.1, ...shape })
 * const momentum = oneCycleMomentum({ baseMomentum: 0.75, maxMomentum: 0.875, ...shape })
 * learningRate(49.5) // => 0.1
 * momentum(0) // => 0.875
 * momentum(49.5) // => 0.75
 * momentum(100) // => 0.875
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Smith (2018), A disciplined approach to neural network hyper-parameters: Part 1, {@link https://arxiv.org/abs/1803.09820}
 */
export const oneCycleMomentum = (options: OneCycleMomentumOptions): Schedule => {
  const { baseMomentum, maxMomentum, ...shape } = withDefaults<Required<OneCycleMomentumOptions>>(
    'oneCycleMomentum',
    options,
    {
      totalSteps: required,
      style: 'torch',
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      pctStart: undefined,
      annealUp: 'cosine',
      annealDown: 'cosine',
      threePhase: undefined
    }
  )
  check('oneCycleMomentum', { baseMomentum, maxMomentum }, inUnitInterval)

  const values = { first: maxMomentum, middle: baseMomentum, again: maxMomentum, last: maxMomentum }
  return guarded(['oneCycleMomentum', { ...options }], oneCycle('oneCycleMomentum', shape, values))
}
