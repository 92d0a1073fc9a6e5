import { check, finite } from '@gradchain/core'
import { constantSchedule, type Schedule } from '@gradchain/schedules'

/**
 * transformers' `constant`: the learning rate at every step.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * transformers.schedules.constant(0.5)(100) // => 0.5
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_constant_schedule`
 */
export const constant = (learningRate: number): Schedule => {
  check('transformers.schedules.constant', { learningRate }, finite)
  return Object.assign(constantSchedule(learningRate), { origin: ['transformers.schedules.constant', learningRate] })
}
