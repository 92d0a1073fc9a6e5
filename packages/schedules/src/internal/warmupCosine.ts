import { check, finite, nonNegativeInteger, oneOf, positive, required, withDefaults } from '@gradchain/core'
import type { Schedule } from '../types.js'
import { cosineDecay } from './cosineDecay.js'
import { joined } from './joined.js'
import { rise } from './rise.js'

/** What the curve is made of, as the options of `warmupCosineDecaySchedule` say it. */
interface WarmupCosine {
  readonly initValue: number
  readonly peakValue: number
  readonly warmupSteps: number
  readonly decaySteps: number
  readonly endValue?: number
  readonly exponent?: number
  readonly warmupOffset?: 0 | 1
}

/** The curve of `warmupCosineDecaySchedule`; options outside their range are refused in the name of `owner`. */
export const warmupCosine = (owner: string, options: WarmupCosine): Schedule => {
  const { initValue, peakValue, warmupSteps, decaySteps, endValue, exponent, warmupOffset } = withDefaults<
    Required<WarmupCosine>
  >(owner, options, {
    initValue: required,
    peakValue: required,
    warmupSteps: required,
    decaySteps: required,
    endValue: 0,
    exponent: 1,
    warmupOffset: 0
  })
  check(owner, { initValue, peakValue }, finite)
  check(owner, { warmupSteps }, nonNegativeInteger)
  const outlasts = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > warmupSteps
  check(owner, { decaySteps }, { what: `a whole number > warmupSteps = ${warmupSteps}`, holds: outlasts })
  check(owner, { endValue }, finite)
  check(owner, { exponent }, positive)
  check(owner, { warmupOffset }, oneOf(0, 1))

  const warmup = rise(initValue, peakValue, warmupSteps, warmupOffset)
  return joined([warmup, descent(peakValue, endValue, decaySteps - warmupSteps, exponent)], [warmupSteps])
}

const descent = (peakValue: number, endValue: number, decaySteps: number, exponent: number): Schedule => {
  const alpha = endValue / peakValue
  if (Number.isFinite(alpha)) return cosineDecay(peakValue, decaySteps, alpha, exponent)
  // The end is no multiple of a peak of 0 (or of one that is lost in the rounding of the end): mirror the way down from it.
  const mirror = cosineDecay(endValue, decaySteps, 0, exponent)
  return (step) => endValue - mirror(step)
}
