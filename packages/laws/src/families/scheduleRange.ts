import type { ScheduleLaw } from './schedule.js'
import { valuesAreFinite } from './schedule.js'

/** Room for the rounding of a few operations. */
const SLACK = 8 * Number.EPSILON

/**
 * The law that a schedule stays between two values.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(property(between(0, 1).withinRange, (step) => 1 / (1 + step)))
 */
export const between = (least: number, most: number): { readonly withinRange: ScheduleLaw } => ({
  withinRange: {
    ...valuesAreFinite,
    name: 'withinRange',
    sentence: `values are between ${least} and ${most}`,
    flaw: (schedule, steps) => {
      const slack = SLACK * Math.max(Math.abs(least), Math.abs(most))
      const bad = steps.find((at) => !(schedule(at) >= least - slack && schedule(at) <= most + slack))
      return bad === undefined ? null : `step ${bad} has the value ${schedule(bad)}`
    }
  }
})
