import { check, finite, nonNegative, orSchedule, type Requirement, required, withDefaults } from '@gradchain/core'
import type { ScalarOrSchedule, Schedule } from '../types.js'
import { asSchedule } from './asSchedule.js'

/** Options of {@link proportionalSchedule}. */
export interface ProportionalScheduleOptions {
  /** The learning rate α that is followed, a finite number ≥ 0 or a schedule. */
  readonly learningRate: ScalarOrSchedule
  /** Its largest value α_max, finite and > minLearningRate. */
  readonly maxLearningRate: number
  /** Its smallest value α_min, finite and ≥ 0. @defaultValue `0` */
  readonly minLearningRate?: number
  /** Value V_max where the learning rate is at its largest, any finite number. */
  readonly maxValue: number
  /** Value V_min where the learning rate is at its smallest, any finite number. @defaultValue `0` */
  readonly minValue?: number
}

/**
 * Another hyperparameter that rises and falls with the learning rate: the radius of `gsam`, as its authors have it.
 *
 *     f(t) = V_min + (V_max − V_min) · (α(t) − α_min) / (α_max − α_min)
 *
 * Laws: linear in the learning rate; V_max where that is α_max, V_min where it is α_min; beyond these it goes on.
 *
 * The program of the authors takes 2 for both values unless told otherwise, and gives V_max where α_min is no less than α_max, which is
 * refused here.
 *
 * @example
 * const learningRate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 4 })
 * const rho = proportionalSchedule({ learningRate, maxLearningRate: 1, maxValue: 0.5, minValue: 0.1 })
 * rho(0) // => 0.5
 * rho(4) // => 0.1
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see Zhuang et al. (2022), Surrogate Gap Minimization Improves Sharpness-Aware Training, {@link https://arxiv.org/abs/2203.08065}
 * @see correctedDecay
 */
export const proportionalSchedule = (options: ProportionalScheduleOptions): Schedule => {
  const { learningRate, maxLearningRate, minLearningRate, maxValue, minValue } = withDefaults<
    Required<ProportionalScheduleOptions>
  >('proportionalSchedule', options, {
    learningRate: required,
    maxLearningRate: required,
    minLearningRate: 0,
    maxValue: required,
    minValue: 0
  })
  check('proportionalSchedule', { learningRate }, orSchedule(nonNegative))
  check('proportionalSchedule', { minLearningRate }, nonNegative)
  check('proportionalSchedule', { maxLearningRate }, above(minLearningRate))
  check('proportionalSchedule', { maxValue, minValue }, finite)

  const rate = asSchedule(learningRate)
  return Object.assign(
    (step: number) => {
      const share = (rate(step) - minLearningRate) / (maxLearningRate - minLearningRate)
      return minValue + (maxValue - minValue) * share
    },
    { origin: ['proportionalSchedule', { ...options }] }
  )
}

const above = (limit: number): Requirement => ({
  what: `a finite number > minLearningRate, which is ${limit}`,
  holds: (value) => finite.holds(value) && (value as number) > limit
})
