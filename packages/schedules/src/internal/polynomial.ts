import { pow } from '@gradchain/core/numbers'
import type { Schedule } from '../types.js'

/** The curve of `polynomialSchedule`, of options that were checked. */
export const polynomial =
  (initValue: number, endValue: number, power: number, transitionSteps: number, transitionBegin = 0): Schedule =>
  (step) => {
    const elapsed = step - transitionBegin
    if (elapsed >= transitionSteps) return endValue
    // Steps before the beginning do not divide: transitionSteps may be 0 there.
    const left = elapsed <= 0 ? 1 : 1 - elapsed / transitionSteps
    return (initValue - endValue) * pow(left, power) + endValue
  }
