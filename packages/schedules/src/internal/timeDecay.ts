import { boolean, check, finite, nonNegative, positiveInteger, required, withDefaults } from '@gradchain/core'
import type { Schedule } from '../types.js'
import { guarded } from './guarded.js'

/** Options of a decay over time. */
interface TimeDecayOptions {
  readonly initValue: number
  readonly decayRate: number
  readonly transitionSteps?: number
  readonly staircase?: boolean
}

/** A decay by what has passed of the time: the decay rate for every `transitionSteps` steps, or whole ones of them. */
export const timeDecay = (
  owner: string,
  options: TimeDecayOptions,
  decayed: (initValue: number, passed: number) => number
): Schedule => {
  const { initValue, decayRate, transitionSteps, staircase } = withDefaults<Required<TimeDecayOptions>>(
    owner,
    options,
    { initValue: required, decayRate: required, transitionSteps: 1, staircase: false }
  )
  check(owner, { initValue }, finite)
  check(owner, { decayRate }, nonNegative)
  check(owner, { transitionSteps }, positiveInteger)
  check(owner, { staircase }, boolean)
  return guarded([owner, { ...options }], (step) => {
    const time = step / transitionSteps
    return decayed(initValue, decayRate * (staircase ? Math.floor(time) : time))
  })
}
