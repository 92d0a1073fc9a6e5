import { boolean, check, finite, InvalidOption, nonNegativeInteger, optional, positive } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import type { Schedule } from '../types.js'

/** What the curve is made of, as the options of `exponentialDecay` say it. */
interface Exponential {
  readonly initValue: number
  readonly transitionSteps: number
  readonly decayRate: number
  readonly transitionBegin: number
  readonly staircase: boolean
  readonly endValue: number | undefined
}

/** The curve of `exponentialDecay`; options outside their range are refused in the name of `owner`. */
export const exponential = (owner: string, options: Exponential): Schedule => {
  const { initValue, transitionSteps, decayRate, transitionBegin, staircase, endValue } = options
  check(owner, { initValue }, finite)
  check(owner, { transitionSteps }, nonNegativeInteger)
  check(owner, { decayRate }, positive)
  check(owner, { transitionBegin }, nonNegativeInteger)
  check(owner, { staircase }, boolean)
  check(owner, { endValue }, optional(finite))

  const bound = bounded(decayRate, endValue)
  const curve =
    transitionSteps === 0 ? jump(initValue, decayRate) : decay(initValue, decayRate, transitionSteps, staircase)
  if (!Number.isFinite(bound(curve(0)))) {
    throw new InvalidOption(`${owner}: transitionSteps must be ≥ 1 where no endValue bounds the growth, got 0`)
  }
  return (step) => bound(step < transitionBegin ? initValue : curve(step - transitionBegin))
}

const bounded = (decayRate: number, endValue: number | undefined): ((value: number) => number) => {
  if (endValue === undefined) return (value) => value
  return decayRate < 1 ? (value) => Math.max(value, endValue) : (value) => Math.min(value, endValue)
}

const decay = (initValue: number, decayRate: number, transitionSteps: number, staircase: boolean): Schedule => {
  // Else a late step of a growing rate would be 0 · ∞.
  if (initValue === 0) return () => initValue
  return (elapsed) => {
    const share = elapsed / transitionSteps
    return initValue * pow(decayRate, staircase ? Math.floor(share) : share)
  }
}

/** The limit of `decay` for ever fewer transition steps. */
const jump = (initValue: number, decayRate: number): Schedule => {
  const limit = initValue === 0 || decayRate === 1 ? initValue : initValue * (decayRate < 1 ? 0 : Infinity)
  return () => limit
}
